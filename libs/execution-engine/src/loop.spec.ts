import type { JsonObject } from '#libs/kernel';
import type { ExecutionCommand, ItemOutcome } from './commands.ts';
import type { ExecutionEvent } from './events.ts';
import { begin, executionsOf, fire, NOW, planOf, started } from './testing/index.ts';

const inner = { type: 'noop', retry: { maxAttempts: 2, backoff: 'fixed', initialMs: 1000, jitter: false } };

const looping = (config: JsonObject, items = 5, each: JsonObject = { node: inner }) =>
  executionsOf(
    planOf(
      {
        start: 'trigger.manual',
        all: {
          type: 'forEach',
          config: {
            items: Array.from({ length: items }, (_, index) => index),
            batchSize: 2,
            concurrency: 2,
            ...each,
            ...config,
          },
        },
      },
      ['start > all'],
    ),
  );

const ok = (...indexes: number[]): ItemOutcome[] =>
  indexes.map((index) => ({ kind: 'succeeded', index, output: `item ${index}` }));
const bad = (index: number, retryable = false): ItemOutcome => ({
  kind: 'failed',
  index,
  failure: { code: 'BROKEN', message: 'it broke', retryable },
});
const report = (batch: number, outcomes: readonly ItemOutcome[], attempt = 1): ExecutionCommand => ({
  type: 'RecordBatch',
  nodeId: 'all',
  batch,
  attempt,
  outcomes,
});

type Executions = ReturnType<typeof looping>;

/** The history after the commands. */
function after(executions: Executions, ...commands: ExecutionCommand[]): readonly ExecutionEvent[] {
  return commands.reduce<readonly ExecutionEvent[]>(
    (history, command) => [...history, ...executions.given(history).when(command).events()],
    [started()],
  );
}

function dataOf(events: readonly ExecutionEvent[], type: ExecutionEvent['type']): unknown[] {
  return events.filter((event) => event.type === type).map(({ data }) => data);
}

describe('a loop', () => {
  it('cuts its items into batches, no larger than all that are worked on at once can share', () => {
    const sizes = (config: JsonObject, items: number) =>
      dataOf(after(looping(config, items), begin), 'NodeLoopStarted');
    expect(sizes({}, 5)).toMatchObject([{ count: 5, batchSize: 2, concurrency: 2 }]);
    expect(sizes({ batchSize: 100 }, 5)).toMatchObject([{ batchSize: 3 }]);
    expect(sizes({ batchSize: 1 }, 20_000)).toMatchObject([{ batchSize: 4 }]);
  });

  it('over nothing is over at once', () => {
    const output = { value: { results: [], errors: [] } };
    expect(dataOf(after(looping({}, 0), begin), 'NodeSucceeded')).toMatchObject([{ nodeId: 'all', output }]);
  });

  it('opens the next batch when one is over, and gives the outputs in the order of the items', () => {
    const events = after(looping({}), begin, report(1, ok(2, 3)), report(2, ok(4)), report(0, ok(0, 1)));
    expect(dataOf(events, 'NodeBatchEnded')).toMatchObject([{ batch: 1, opens: 2 }, { batch: 2 }, { batch: 0 }]);
    const results = ['item 0', 'item 1', 'item 2', 'item 3', 'item 4'];
    expect(dataOf(events, 'NodeSucceeded')).toMatchObject([{ output: { value: { results, errors: [] } } }]);
    expect(events.at(-1)?.type).toBe('ExecutionSucceeded');
  });

  it('takes one report of a batch, and none of another attempt or of one that is not open', () => {
    const executions = looping({});
    const begun = after(executions, begin);
    executions
      .given(begun)
      .when(report(0, ok(0, 1), 2))
      .thenNothing();
    executions
      .given(begun)
      .when(report(2, ok(4)))
      .thenNothing();
    executions
      .given(after(executions, begin, report(0, ok(0, 1))))
      .when(report(0, ok(0, 1)))
      .thenNothing();
  });

  it('tries again only the items that may be, when their time comes', () => {
    const executions = looping({ onItemError: 'continue' }, 2);
    const once = after(executions, begin, report(0, [bad(0, true)]));
    const dueAt = new Date(Date.parse(NOW) + 1000).toISOString();
    expect(dataOf(once, 'NodeBatchEnded')).toMatchObject([{ again: { dueAt, indexes: [0] }, errors: [] }]);
    const again = after(executions, begin, report(0, [bad(0, true)]), fire('batch-0-all'));
    expect(dataOf(again, 'NodeBatchScheduled')).toMatchObject([{ batch: 0, attempt: 2 }]);
    executions.given(again).when(fire('batch-0-all')).thenNothing();
    const twice = executions
      .given(again)
      .when(report(0, [bad(0, true)], 2))
      .events();
    expect(dataOf(twice, 'NodeBatchEnded')).toMatchObject([{ errors: [{ index: 0, code: 'BROKEN' }] }]);
  });

  it('gives items back that were not begun, and uses up no attempt', () => {
    const executions = looping({ concurrency: 1 }, 2);
    const reason = { kind: 'rateLimit', key: 'api:443' } as const;
    const postponed: ExecutionCommand = {
      type: 'RecordBatch',
      nodeId: 'all',
      batch: 0,
      attempt: 1,
      outcomes: ok(0),
      postponed: { dueAt: NOW, reason },
    };
    const events = after(executions, begin, postponed, fire('batch-0-all'));
    expect(dataOf(events, 'NodeBatchEnded')).toMatchObject([{ again: { indexes: [1], postponed: reason } }]);
    expect(dataOf(events, 'NodeBatchScheduled')).toMatchObject([{ batch: 0, attempt: 1 }]);
  });

  it('goes on with items whose credential was connected again, once', () => {
    const executions = looping({ concurrency: 1 }, 2);
    const parkedFor = (key: string): ExecutionCommand => ({
      type: 'RecordBatch',
      nodeId: 'all',
      batch: 0,
      attempt: 1,
      outcomes: ok(0),
      postponed: { dueAt: NOW, reason: { kind: 'credential', key } },
    });
    const resume: ExecutionCommand = { type: 'ResumeParked', credentialId: 'cr_1' };
    const events = after(executions, begin, parkedFor('cr_1'), resume);
    expect(dataOf(events, 'NodeBatchScheduled')).toMatchObject([{ batch: 0, attempt: 1 }]);
    executions.given(events).when(resume).thenNothing();
    executions
      .given(after(executions, begin, parkedFor('cr_2')))
      .when(resume)
      .thenNothing();
  });

  it('fails with the first item that fails for good', () => {
    const events = after(looping({}), begin, report(0, [...ok(0), bad(1)]));
    expect(dataOf(events, 'NodeFailed')).toMatchObject([{ error: { code: 'ITEM_FAILED', details: { index: 1 } } }]);
    expect(events.at(-1)?.type).toBe('ExecutionFailed');
  });

  it('goes on without it when that is what the node says', () => {
    const events = after(looping({ onItemError: 'continue' }, 2), begin, report(1, [bad(1)]), report(0, ok(0)));
    const value = { results: ['item 0', null], errors: [{ index: 1, code: 'BROKEN', message: 'it broke' }] };
    expect(dataOf(events, 'NodeSucceeded')).toMatchObject([{ output: { value } }]);
  });
});

describe('a loop of executions', () => {
  const executions = looping({ onItemError: 'continue' }, 2, { workflowId: 'wf_1' });
  const ofBatch = { nodeId: 'all', batch: 0, attempt: 1, executionId: 'ex_2' };
  const wait: ExecutionCommand = { type: 'AwaitExecution', ...ofBatch };
  const end: ExecutionCommand = { type: 'RecordChildEnd', ...ofBatch, end: { kind: 'succeeded', output: 5 } };

  it('has one for each item, and each ends its batch once, be it before it is waited for', () => {
    expect(dataOf(after(executions, begin), 'NodeLoopStarted')).toMatchObject([{ batchSize: 1 }]);
    for (const before of [[begin, wait], [begin]]) {
      expect(dataOf(after(executions, ...before, end), 'NodeBatchEnded')).toMatchObject([
        { batch: 0, results: { value: [[0, 5]] } },
      ]);
      executions
        .given(after(executions, ...before, end))
        .when(end)
        .thenNothing();
    }
  });
});

describe('a dry run', () => {
  it('does nothing for any item', () => {
    const { data } = started();
    const dry: ExecutionEvent = { type: 'ExecutionStarted', data: { ...data, mode: 'dry' } };
    const events = looping({}).given([dry]).when(begin).events();
    const value = { results: [], errors: [], dryRun: true, items: 5 };
    expect(dataOf(events, 'NodeSucceeded')).toMatchObject([{ output: { value } }]);
  });

  it('takes the output that is pinned, and does not begin the node', () => {
    const { data } = started();
    const pinned: ExecutionEvent = { type: 'ExecutionStarted', data: { ...data, pins: { all: { value: 7 } } } };
    const events = looping({}).given([pinned]).when(begin).events();
    expect(events.map(({ type }) => type)).toEqual(['NodeSucceeded', 'ExecutionSucceeded']);
    expect(dataOf(events, 'NodeSucceeded')).toMatchObject([{ output: { value: 7 } }]);
  });
});
