import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import type { ExecutionEvent } from '#libs/execution-engine';
import { begin, nodeTypes, planOf, success } from '#libs/execution-engine/testing';
import { InvariantError, type JsonObject, type JsonValue } from '#libs/kernel';
import { anyJsonObject, defineNodeType, type NodeTypes } from '#libs/node-kit';
import { recordInternalFailure } from './record-internal-failure.ts';
import { eventsOf, runtimeOn, startOf } from './testing/index.ts';

/** Three items in one batch, a `noop` for each. */
const loop = defineNodeType<JsonObject>({
  type: 'loop',
  kind: 'action',
  title: 'Loop',
  description: 'Does nothing three times.',
  runs: 'engine',
  configSchema: anyJsonObject(),
  outputsOf: () => ['main'],
  begin: () => ({ kind: 'loop', items: [1, 2, 3], concurrency: 1, batchSize: 3, onItemError: 'continue' }),
  innerOf: () => ({ type: 'noop', config: {}, path: 'node' }),
});
const types: NodeTypes = new Map([...nodeTypes, [loop.type, loop]]);
const retry = { maxAttempts: 3, backoff: 'fixed', initialMs: 1000, maxMs: 1000, jitter: false } as const;
const INTERNAL = { code: 'INTERNAL', message: 'the attempt could not be made for a reason of ours; it is in the log' };

async function running(node: 'noop' | 'loop') {
  const plan = planOf(
    { start: 'trigger.manual', a: { type: node, ...(node === 'noop' ? { retry } : {}) } },
    ['start > a'],
    types,
  );
  const store = new InMemoryEventStore<ExecutionEvent>();
  const { journal } = runtimeOn(store, plan);
  await journal.start('ex_1', startOf());
  await journal.submit('ex_1', begin);
  const record = (payload: JsonValue, queue = 'run.noop'): Promise<boolean> =>
    recordInternalFailure(journal, { stream: 'TASKS_0', sequence: 1, deliveries: 6, queue, payload });
  return { journal, record, last: async (): Promise<ExecutionEvent[]> => (await eventsOf(store, 'ex_1')).slice(2) };
}

describe('an attempt that nobody can make', () => {
  it('has failed with INTERNAL, and is not retried unless the policy says so', async () => {
    const { record, last } = await running('noop');
    expect(await record({ executionId: 'ex_1', nodeId: 'a', attempt: 1 })).toBe(true);
    expect(await last()).toEqual([
      { type: 'NodeFailed', data: { nodeId: 'a', attempt: 1, error: INTERNAL, handling: 'fail' } },
      { type: 'ExecutionFailed', data: { error: { ...INTERNAL, nodeId: 'a', attempt: 1 } } },
    ]);
  });

  it('at a batch has failed for each of its items', async () => {
    const { record, last } = await running('loop');
    expect(await record({ executionId: 'ex_1', nodeId: 'a', attempt: 1, batch: 0 })).toBe(true);
    const [ended] = await last();
    expect(ended).toMatchObject({
      type: 'NodeBatchEnded',
      data: { batch: 0, errors: [0, 1, 2].map((index) => ({ index, ...INTERNAL })) },
    });
  });

  it('that history no longer wants is dropped', async () => {
    const { journal, record, last } = await running('noop');
    await journal.submit('ex_1', success('a'));
    const before = await last();
    expect(await record({ executionId: 'ex_1', nodeId: 'a', attempt: 1 })).toBe(true);
    expect(await record({ executionId: 'ex_1', nodeId: 'a', attempt: 1, batch: 0 })).toBe(true);
    expect(await last()).toEqual(before);
  });

  it.each<[string, JsonValue, string]>([
    ['a start', { executionId: 'ex_1' }, 'start.normal.0'],
    ['a timer', { executionId: 'ex_1', timerId: 'a' }, 'due'],
    ['a follow-up', { executionId: 'ex_1', kind: 'stop' }, 'run.follow-up'],
    ['what is no JSON', 'oops', 'run.noop'],
  ])('is not %s', async (_, payload, queue) => {
    const { record, last } = await running('noop');
    expect(await record(payload, queue)).toBe(false);
    expect(await last()).toEqual([]);
  });

  it('of an execution without a history can not be recorded', async () => {
    const { record } = await running('noop');
    await expect(record({ executionId: 'ex_2', nodeId: 'a', attempt: 1 })).rejects.toThrow(InvariantError);
  });
});
