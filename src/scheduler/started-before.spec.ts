import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import type { ExecutionEvent } from '#libs/execution-engine';
import { toInstant } from '#libs/kernel';
import type { SlotStart } from '#libs/schedule';
import { createLogger } from '../platform/logging/logger.ts';
import { StartedBefore } from './started-before.ts';

const NOW_MS = Date.UTC(2026, 10, 28, 10);
const HOUR_MS = 3_600_000;

describe('a start of a slot', () => {
  const store = new InMemoryEventStore<ExecutionEvent>();
  const lines: string[] = [];
  const before = new StartedBefore(
    { store },
    { serverNowMs: NOW_MS },
    createLogger({ level: 'info', pretty: false, destination: { write: (line: string) => void lines.push(line) } }),
  );
  const firedAgo = (executionId: string, agoMs: number): SlotStart => ({
    ...{ executionId, firedAt: toInstant(NOW_MS - agoMs), scheduledFor: toInstant(NOW_MS - agoMs), missed: 0 },
    ...{ workspaceId: 'ws_1', workflowId: 'wf_1', nodeId: 'tick', version: 1, priority: 'normal' },
    ...{ readsVariables: false, hasPayload: false },
  });

  beforeAll(async () => {
    const events: readonly ExecutionEvent[] = [{ type: 'ExecutionSucceeded', data: { endNodes: [] } }];
    await store.append({ id: 'c1', aggregateId: 'ex_there', firstVersion: 1, at: toInstant(NOW_MS), events }, 0);
  });

  it.each([
    ['ex_there', 9_999, false, 'the log refuses a second one by itself'],
    ['ex_there', 10_000, true, 'the log or the archive has it'],
    ['ex_gone', 24 * HOUR_MS - 1, false, 'it was never started'],
    ['ex_gone', 24 * HOUR_MS, true, 'retention may have removed it'],
  ])('of %s, fired %d ms ago, came before: %s, as %s', async (executionId, agoMs, expected) => {
    expect(await before.has(firedAgo(executionId, agoMs))).toBe(expected);
  });

  it('that is left out for good is told', () => {
    expect(lines.map((line) => (JSON.parse(line) as { executionId: string }).executionId)).toEqual(['ex_gone']);
  });
});
