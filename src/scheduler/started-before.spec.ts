import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import type { ExecutionEvent } from '#libs/execution-engine';
import { toInstant } from '#libs/kernel';
import type { SlotStart } from '#libs/schedule';
import { createLogger } from '../platform/logging/logger.ts';
import { StartedBefore } from './started-before.ts';

const NOW_MS = Date.UTC(2026, 10, 28, 10);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe('a start of a slot', () => {
  const store = new InMemoryEventStore<ExecutionEvent>();
  const lines: string[] = [];
  const logger = createLogger({
    ...{ level: 'info', pretty: false },
    destination: { write: (line: string) => void lines.push(line) },
  });
  const before = new StartedBefore({ store }, { serverNowMs: NOW_MS, isTrusted: true }, logger);
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
    ['ex_there', 5 * MINUTE_MS - 1, false, 'the log refuses a second one by itself'],
    ['ex_there', 5 * MINUTE_MS, true, 'the log or the archive has it'],
    ['ex_gone', 23 * HOUR_MS - 1, false, 'it was never started'],
    ['ex_gone', 23 * HOUR_MS, true, 'retention may have removed it'],
  ])('of %s, fired %d ms ago, came before: %s, as %s', async (executionId, agoMs, expected) => {
    expect(await before.has(firedAgo(executionId, agoMs))).toBe(expected);
  });

  it.each([
    ['NATS is days ahead', NOW_MS + 48 * HOUR_MS],
    ['NATS is days behind', NOW_MS - 48 * HOUR_MS],
    ['NATS never said what time it is', undefined],
  ])('comes again, to here or to another process, while %s', async (_, serverNowMs) => {
    const doubtful = new StartedBefore({ store }, { serverNowMs, isTrusted: false }, logger);
    await expect(doubtful.has(firedAgo('ex_there', 0))).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'TIME_UNKNOWN',
    });
  });

  it('that is plainly fresh by the time of NATS needs no clock of this host', async () => {
    const doubtful = new StartedBefore({ store }, { serverNowMs: NOW_MS, isTrusted: false }, logger);
    expect(await doubtful.has(firedAgo('ex_there', 1_000))).toBe(false);
  });

  it('that is left out for good is told', () => {
    expect(lines.map((line) => (JSON.parse(line) as { executionId: string }).executionId)).toEqual(['ex_gone']);
  });
});
