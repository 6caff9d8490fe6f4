import { frozenSamples } from '#libs/event-sourcing/testing';
import { decodeFact, encodeFact, type DeadLetterFact } from './facts.ts';

const of = { id: 'dl_1', workspaceId: 'ws_1', executor: 'http', at: '2026-11-23T10:00:00.000Z' };
const deadLettered: DeadLetterFact = {
  type: 'DeadLettered',
  ...of,
  kind: 'failed',
  executionId: 'ex_1',
  workflowId: 'wf_1',
  workflowVersion: 3,
  nodeId: 'notify',
  nodeType: 'http.request',
  attempts: 5,
  error: { code: 'HTTP_STATUS', message: 'NUL \u0000 and half \ud83d a pair', details: { status: 503 } },
  task: { queue: 'run.http', payload: { executionId: 'ex_1', nodeId: 'notify', attempt: 5 } },
};
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Fails to compile when a fact is added, so that its sample is not forgotten. */
const TYPES: Readonly<Record<DeadLetterFact['type'], true>> = { DeadLettered: true, Redriven: true, Discarded: true };

frozenSamples('facts of dead letters', {
  folder: new URL('./testing/samples/', import.meta.url),
  types: Object.keys(TYPES),
  parse: (stored) => decodeFact(bytes(stored), 1),
});

describe('facts of dead letters', () => {
  it.each<DeadLetterFact>([
    deadLettered,
    { ...deadLettered, kind: 'poison', nodeId: null, nodeType: null, task: { queue: 'due', payload: 'not JSON' } },
    { ...deadLettered, error: { code: 'X', message: '' }, task: null },
    { type: 'Redriven', ...of, executionId: 'ex_2' },
    { type: 'Discarded', ...of, actor: { type: 'user', id: 'usr_1' } },
  ])('come back as they were written: $type', (fact) => {
    expect(decodeFact(new TextEncoder().encode(encodeFact(fact)), 1)).toEqual(fact);
  });

  it('lose fields that a newer writer added', () => {
    expect(decodeFact(bytes({ ...deadLettered, added: 1 }), 1)).toEqual(deadLettered);
  });

  it.each([
    { ...of, type: 'Forgotten' },
    { ...of, type: 'Redriven' },
    { ...deadLettered, attempts: -1 },
  ])('are refused when they are none: %j', (value) => {
    expect(() => decodeFact(bytes(value), 7)).toThrow('message 7 is no fact of a dead letter');
  });
});
