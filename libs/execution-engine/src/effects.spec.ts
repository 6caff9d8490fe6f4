import { shardsOf, START_SHARDS, tasksOf, timersOf } from './effects.ts';
import type { ExecutionEvent } from './events.ts';
import {
  begin,
  executionFailed,
  executionsOf,
  executionSucceeded,
  failed,
  failure,
  fire,
  planOf,
  retryScheduled,
  scheduled,
  skipped,
  started,
  succeeded,
} from './testing/index.ts';

const broken = { code: 'BROKEN', message: 'it broke' };
const dueAt = '2026-11-23T10:00:01.000Z';
const retrying = (nodeId: string, attempt = 1): ExecutionEvent =>
  retryScheduled(nodeId, attempt, { error: broken, dueAt });

const at = '2026-11-23T10:00:00.000Z';
const running = executionsOf(planOf({ start: 'trigger.manual', one: 'noop' }, ['start > one'])).fold([started()]);
/** Of a commit whose states say nothing that the events do not. */
const tasksFor = (events: readonly ExecutionEvent[]) =>
  tasksOf({ executionId: 'ex_1', before: running, events, after: running, at });

describe('tasks', () => {
  it('follow from a start: one in the lane of its priority and the shards of its workspace', () => {
    expect(tasksFor([started()])).toEqual([
      { queue: `start.normal.${shardsOf('ws_1').join('.')}`, payload: { executionId: 'ex_1' } },
    ]);
  });

  it('follow from each scheduled attempt, for its executor', () => {
    expect(tasksFor([scheduled('one'), skipped('two'), scheduled('three', 2, 'http')])).toEqual([
      { queue: 'run.noop', payload: { executionId: 'ex_1', nodeId: 'one', attempt: 1 } },
      { queue: 'run.http', payload: { executionId: 'ex_1', nodeId: 'three', attempt: 2 } },
    ]);
  });

  it('follow from nothing else', () => {
    expect(tasksFor([succeeded('one'), retrying('two'), executionSucceeded('one')])).toEqual([]);
    expect(tasksFor([])).toEqual([]);
  });

  it('follow from no decision that ends the execution: nobody waits for them', () => {
    const plan = planOf(
      { start: 'trigger.manual', send: 'noop', big: { type: 'if', config: { condition: '{{ trigger.missing }}' } } },
      ['start > send', 'start > big'],
    );
    const events = executionsOf(plan).given([started()]).when(begin).events();
    expect(events).toContainEqual(scheduled('send'));
    expect(tasksFor(events)).toEqual([]);
  });

  it('are spread over pairs of shards by workspace, and always the same way', () => {
    const pairs = Array.from({ length: 2_000 }, (_, index) => shardsOf(`ws_${index}`));
    const first = new Set(pairs.map(([one]) => one));
    const all = Array.from({ length: START_SHARDS }, (_, shard) => shard);
    expect([...first].toSorted((one, other) => one - other)).toEqual(all);
    expect(pairs.filter(([one, other]) => one === other || other >= START_SHARDS)).toEqual([]);
    expect(new Set(pairs.map(([one, other]) => `${one} ${other}`)).size).toBe(START_SHARDS * (START_SHARDS - 1));
    expect(shardsOf('ws_1')).toEqual(shardsOf('ws_1'));
  });
});

describe('timers', () => {
  const retry = { maxAttempts: 5, backoff: 'fixed', initialMs: 1000, maxMs: 1000, jitter: false } as const;
  const plan = planOf(
    { start: 'trigger.manual', left: { type: 'noop', retry }, right: 'noop', more: { type: 'noop', retry } },
    ['start > left', 'start > right', 'start > more'],
  );
  const { fold, given } = executionsOf(plan);
  const begun = [started(), scheduled('left'), scheduled('right'), scheduled('more')];
  const timersAfter = (history: readonly ExecutionEvent[], events: readonly ExecutionEvent[]) =>
    timersOf({ executionId: 'ex_1', before: fold(history), events, after: fold([...history, ...events]), at });

  it('are armed for a retry', () => {
    const events = given(begun)
      .when(failure('left', { retryable: true }))
      .events();
    expect(timersAfter(begun, events)).toEqual([{ kind: 'arm', id: 'retry-1-left', dueAt }]);
  });

  it('are dropped when the execution fails before they fire', () => {
    const history = [...begun, retrying('left'), retrying('more')];
    const events = given(history).when(failure('right')).events();
    expect(timersAfter(history, events)).toEqual([
      { kind: 'drop', id: 'retry-1-left' },
      { kind: 'drop', id: 'retry-1-more' },
    ]);
  });

  it('are not dropped when they have fired', () => {
    const history = [...begun, retrying('left')];
    const events = given(history).when(fire('retry-1-left')).events();
    expect(events).toEqual([scheduled('left', 2)]);
    expect(timersAfter(history, events)).toEqual([]);
  });

  it('are not touched by what happens to other nodes', () => {
    expect(timersAfter([...begun, retrying('left')], [succeeded('right')])).toEqual([]);
  });

  it('are not armed by a commit whose later commands end the execution', () => {
    const events = [retrying('left'), failed('right', broken), executionFailed('right', broken)];
    expect(timersAfter(begun, events)).toEqual([]);
  });

  it('that fired are not dropped by a commit that fails the execution as well', () => {
    const events = [scheduled('left', 2), failed('right', broken), executionFailed('right', broken)];
    expect(timersAfter([...begun, retrying('left')], events)).toEqual([]);
  });

  it('of a start are none', () => {
    expect(timersAfter([], [started()])).toEqual([]);
  });
});
