import type { JsonValue } from '#libs/kernel';
import type { Plan } from '#libs/workflow-definition';
import type { ExecutionCommand, ItemOutcome } from './commands.ts';
import { tasksOf } from './effects.ts';
import type { ExecutionEvent } from './events.ts';
import { evolve, evolveAll, initialState } from './evolve.ts';
import { keptIn, keptOf } from './kept.ts';
import type { StartedExecution } from './state.ts';
import {
  begin,
  executionFailed,
  executionsOf,
  failed,
  NOW,
  passedOn,
  planOf,
  scheduled,
  skipped,
  started,
  succeeded,
} from './testing/index.ts';

const ERROR = { code: 'HTTP_STATUS', message: 'the server answered 503' };

function after(...events: readonly ExecutionEvent[]): StartedExecution {
  const state = [started({ body: 1 }), ...events].reduce((before, event) => evolve(before, event, NOW), initialState());
  if (state.status === 'none') throw new Error('it did not start');
  return state;
}

describe('what an execution that goes on keeps', () => {
  it('is what succeeded, with its output and where the flow went', () => {
    const state = after(
      scheduled('a'),
      succeeded('a', { n: 1 }, 2),
      scheduled('b'),
      failed('b', ERROR),
      executionFailed('b', ERROR),
    );
    expect(keptOf(state)).toEqual({
      nodes: {
        a: { status: 'succeeded', attempt: 2, output: { value: { n: 1 } }, leavesBy: ['main'] },
      },
    });
  });

  it('is what was passed on, as a value of its own', () => {
    const state = after(
      passedOn('a', 'start', 'true'),
      passedOn('b', 'a', 'main'),
      failed('c', ERROR),
      executionFailed('c', ERROR),
    );
    expect(keptOf(state)).toEqual({
      nodes: {
        a: { status: 'succeeded', attempt: 1, output: { value: { body: 1 } }, leavesBy: ['true'] },
        b: { status: 'succeeded', attempt: 1, output: { value: { body: 1 } }, leavesBy: ['main'] },
      },
    });
  });

  it('is what was skipped, and failures that the flow survived', () => {
    const state = after(
      skipped('a'),
      failed('b', ERROR, { handling: 'branch' }),
      failed('c', ERROR),
      executionFailed('c', ERROR),
    );
    expect(keptOf(state)).toEqual({
      nodes: {
        a: { status: 'skipped' },
        b: { status: 'failed', attempt: 1, output: { value: { error: ERROR } }, leavesBy: ['error'] },
      },
    });
  });

  it('is nothing of what was under way when it failed', () => {
    const state = after(scheduled('a'), scheduled('b'), failed('b', ERROR), executionFailed('b', ERROR));
    expect(keptOf(state)).toEqual({ nodes: {} });
  });
});

describe('what a loop that was under way keeps', () => {
  const items = [0, 1, 2, 3, 4];
  const inner = { type: 'noop', retry: { maxAttempts: 2, backoff: 'fixed', initialMs: 1000, jitter: false } };
  const planWith = (over: JsonValue): Plan =>
    planOf(
      {
        start: 'trigger.manual',
        all: {
          type: 'forEach',
          config: { items: over, batchSize: 2, concurrency: 2, onItemError: 'continue', node: inner },
        },
      },
      ['start > all'],
    );
  const plan = planWith(items);
  const executions = executionsOf(plan);
  const report = (batch: number, outcomes: readonly ItemOutcome[]): ExecutionCommand => ({
    ...{ type: 'RecordBatch', nodeId: 'all', batch, attempt: 1, outcomes },
  });
  const ok = (index: number): ItemOutcome => ({ kind: 'succeeded', index, output: `item ${index}` });
  const broken = (index: number, retryable: boolean): ItemOutcome => ({
    ...{ kind: 'failed', index, failure: { code: 'BROKEN', message: 'it broke', retryable } },
  });
  const historyOf = (...commands: ExecutionCommand[]): readonly ExecutionEvent[] =>
    commands.reduce<readonly ExecutionEvent[]>(
      (history, command) => [...history, ...executions.given(history).when(command).events()],
      [started()],
    );
  /** Batch 0 is over but for item 1, which is tried again; batch 1 is worked on; batch 2 did not begin. */
  const underWay = historyOf(begin, report(0, [ok(0), broken(1, true)]));

  it('is all but the items that are left', () => {
    expect(keptOf(after(...underWay.slice(1)))).toEqual({
      nodes: {},
      loops: {
        all: {
          ...{ items: { value: items }, count: 5, batchSize: 2, next: 2, errors: [] },
          open: [{ batch: 0, indexes: [1] }, { batch: 1 }],
          results: [{ value: [[0, 'item 0']] }],
        },
      },
    });
  });

  const goOn = (by: Plan): readonly ExecutionEvent[] => {
    const kept = keptOf(after(...underWay.slice(1)));
    return executionsOf(by)
      .given([started(), { type: 'ResultsKept', data: kept }])
      .when(begin)
      .events();
  };

  it('is not done again where it goes on, and is part of what the loop gives', () => {
    const begun = goOn(plan);
    expect(begun).toMatchObject([{ type: 'NodeLoopStarted', data: { count: 5, resumes: { next: 2 } } }]);
    const commands = [report(0, [ok(1)]), report(1, [ok(2), broken(3, false)]), report(2, [ok(4)])];
    const history = commands.reduce<readonly ExecutionEvent[]>(
      (so, command) => [...so, ...executions.given(so).when(command).events()],
      [started(), { type: 'ResultsKept', data: keptOf(after(...underWay.slice(1))) }, ...begun],
    );
    const results = ['item 0', 'item 1', 'item 2', null, 'item 4'];
    expect(history.at(-2)).toMatchObject({
      type: 'NodeSucceeded',
      data: { output: { value: { results, errors: [{ index: 3, code: 'BROKEN' }] } } },
    });
  });

  it('hands out the batches that were open, and no other', () => {
    const before = after({ type: 'ResultsKept', data: keptOf(after(...underWay.slice(1))) });
    const events = goOn(plan);
    const task = tasksOf({
      executionId: 'ex_1',
      before,
      events,
      after: evolveAll(before, events, { at: NOW }),
      plan,
      at: NOW,
    });
    expect(task).toEqual([
      { queue: 'run.noop', payload: { executionId: 'ex_1', nodeId: 'all', attempt: 1, batch: 0 } },
      { queue: 'run.noop', payload: { executionId: 'ex_1', nodeId: 'all', attempt: 1, batch: 1 } },
    ]);
  });

  it('counts for nothing when the loop comes to other items', () => {
    const begun = goOn(planWith([0, 1, 2, 3, 'other']));
    expect(begun).toMatchObject([{ type: 'NodeLoopStarted', data: { count: 5 } }]);
    expect(begun[0]).not.toHaveProperty('data.resumes');
  });

  it('goes from one execution to the next until the loop begins', () => {
    const kept = keptOf(after(...underWay.slice(1)));
    expect(keptOf(after({ type: 'ResultsKept', data: kept }))).toEqual(kept);
  });
});

describe('what is kept in a version of the workflow', () => {
  const chain = (types: Readonly<Record<string, string>>): Plan => {
    const names = Object.keys(types);
    return planOf(
      types,
      names.slice(1).map((name, index) => `${names[index] ?? ''} > ${name}`),
    );
  };
  const before = chain({ start: 'trigger.manual', a: 'noop', b: 'noop', c: 'noop' });
  const result = { status: 'succeeded', attempt: 1, output: { value: 1 }, leavesBy: ['main'] } as const;
  const kept = { nodes: { a: result, b: result, c: result } };

  it('is what comes before the nodes that are done again', () => {
    expect(keptIn(before, kept, { before, again: ['b'] })).toEqual({ nodes: { a: result } });
  });

  it('is only of nodes that it has, and that are what they were', () => {
    const plan = chain({ start: 'trigger.manual', a: 'merge', c: 'noop', d: 'noop' });
    expect(keptIn(plan, kept, { before })).toEqual({ nodes: { c: result } });
  });
});
