import type { ExecutionEvent } from '#libs/execution-engine';
import {
  executionFailed,
  executionSucceeded,
  failed,
  planOf,
  started,
  succeeded,
} from '#libs/execution-engine/testing';
import type { JsonValue } from '#libs/kernel';
import { projectExecution, type ExecutionRecord } from '#libs/read-models';
import { executionOutputOf } from './execution-output.ts';

const plan = planOf({ start: 'trigger.manual', a: 'merge', b: 'merge', answer: 'respond', other: 'respond' }, [
  'start > a',
  'start > b',
  'start > answer',
  'start > other',
]);

async function outputAfter(...events: readonly ExecutionEvent[]): Promise<JsonValue> {
  let record: ExecutionRecord | undefined;
  for (const [index, event] of [started(), ...events].entries()) {
    const recorded = { executionId: 'ex_1', version: index + 1, at: '2026-11-23T10:00:00.000Z' };
    record = projectExecution(record, event, recorded);
  }
  if (!record) throw new Error('no event');
  return executionOutputOf(record, {
    plan,
    valueOf: async (payload) => ('value' in payload ? payload.value : 'stored'),
  });
}

const sent = (body: JsonValue) => ({ status: 200, headers: {}, body });
const error = { code: 'A', message: 'm' };

describe('the output of an execution', () => {
  it('is that of its end, or of several by node id', async () => {
    expect(await outputAfter(succeeded('a', 1), executionSucceeded('a'))).toBe(1);
    expect(await outputAfter(succeeded('a', 1), succeeded('b', 2), executionSucceeded('a', 'b'))).toEqual({
      a: 1,
      b: 2,
    });
    expect(await outputAfter(executionSucceeded())).toBeNull();
  });

  it('is the body of the response, wherever that was made', async () => {
    const responded = succeeded('answer', sent({ ok: true }));
    expect(await outputAfter(responded, executionSucceeded('answer'))).toEqual({ ok: true });
    expect(await outputAfter(responded, succeeded('a', 1), executionSucceeded('a'))).toEqual({ ok: true });
    expect(await outputAfter(succeeded('answer', sent(null)), succeeded('a', 1), executionSucceeded('a'))).toBeNull();
  });

  it('has the bodies of several responses by node id', async () => {
    const both = [succeeded('other', sent(2)), succeeded('answer', sent(1))];
    expect(await outputAfter(...both, executionSucceeded('answer', 'other'))).toEqual({ answer: 1, other: 2 });
  });

  it('is that of its end when the response failed', async () => {
    const handled = failed('answer', error, { handling: 'continue' });
    expect(await outputAfter(handled, succeeded('a', 1), executionSucceeded('a'))).toBe(1);
    expect(await outputAfter(handled, executionSucceeded('answer'))).toEqual({ error });
  });

  it('is null until it succeeded, and when it failed', async () => {
    const responded = succeeded('answer', sent(1));
    expect(await outputAfter(responded)).toBeNull();
    expect(await outputAfter(responded, failed('a', error), executionFailed('a', error))).toBeNull();
  });
});
