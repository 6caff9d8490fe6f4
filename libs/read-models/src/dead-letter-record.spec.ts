import type { DeadLetterFact, DeadLettered } from '#libs/dead-letters';
import fc from 'fast-check';
import { projectDeadLetter, type DeadLetterRecord } from './dead-letter-record.ts';

const of = { id: 'dl_1', workspaceId: 'ws_1', executor: 'http', at: '2026-11-23T10:00:00.000Z' };
const letter: DeadLettered = {
  type: 'DeadLettered',
  ...of,
  kind: 'failed',
  executionId: 'ex_1',
  workflowId: 'wf_1',
  workflowVersion: 1,
  nodeId: 'a',
  nodeType: 'http.request',
  attempts: 2,
  error: { code: 'HTTP_STATUS', message: '503' },
  task: null,
};
const later = { ...of, at: '2026-11-24T10:00:00.000Z' };
const redriven: DeadLetterFact = { type: 'Redriven', ...later, executionId: 'ex_2' };
const discarded: DeadLetterFact = { type: 'Discarded', ...later, actor: { type: 'user', id: 'usr_1' } };
const after = (...facts: readonly DeadLetterFact[]): DeadLetterRecord | undefined =>
  facts.reduce<DeadLetterRecord | undefined>((record, fact) => projectDeadLetter(record, fact), undefined);

describe('a dead letter', () => {
  it('is open when it was set aside, from then on', () => {
    const { type: _, at, ...said } = letter;
    expect(after(letter)).toEqual({ ...said, createdAt: at, status: 'open', redrivenAs: null });
  });

  it('is redriven as the execution that goes on', () => {
    expect(after(letter, redriven)).toMatchObject({ status: 'redriven', redrivenAs: 'ex_2' });
  });

  it('is discarded', () => {
    expect(after(letter, discarded)).toMatchObject({ status: 'discarded', redrivenAs: null });
  });

  it('set aside again stays as it is', () => {
    expect(after(letter, discarded, { ...letter, at: later.at })).toEqual(after(letter, discarded));
  });

  it('that goes on is redriven, whoever discarded it at the same moment', () => {
    expect(after(letter, redriven, discarded)).toMatchObject({ status: 'redriven' });
    expect(after(letter, discarded, redriven)).toMatchObject({ status: 'redriven', redrivenAs: 'ex_2' });
  });

  it('that the log no longer has can not be settled', () => {
    expect(after(redriven, discarded)).toBeUndefined();
  });

  it('does not change by facts said twice', () => {
    const facts = fc.array(fc.constantFrom(letter, redriven, discarded), { minLength: 1 });
    fc.assert(
      fc.property(facts, (said) => {
        const twice = said.flatMap((fact) => [fact, fact]);
        expect(after(...twice)).toEqual(after(...said));
      }),
    );
  });
});
