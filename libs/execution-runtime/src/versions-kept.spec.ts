import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import type { ExecutionEvent } from '#libs/execution-engine';
import { begin, nodeTypes, planOf } from '#libs/execution-engine/testing';
import { InvariantError, type JsonObject } from '#libs/kernel';
import { anyJsonObject, defineNodeType, type NodeType } from '#libs/node-kit';
import { AttemptRunner } from './attempt-runner.ts';
import { eventsOf, runtimeOn, startOf } from './testing/index.ts';

/** A node type whose output says which version of it ran. */
function saying(type: string, more: Partial<Pick<NodeType, 'deprecated'>> = {}): [string, NodeType] {
  const nodeType = defineNodeType<JsonObject>({
    type,
    kind: 'action',
    title: type,
    description: type,
    runs: 'executor',
    executor: 'say',
    configSchema: anyJsonObject(),
    outputsOf: () => ['main'],
    run: async () => ({ ranBy: type }),
    ...more,
  });
  return [type, nodeType];
}

const types = new Map([
  ...nodeTypes,
  saying('say', { deprecated: { reason: 'it says too little', replacedBy: 'say@2' } }),
  saying('say@2'),
]);
const planWith = (type: string) =>
  planOf({ start: 'trigger.manual', say: { type }, again: { type } }, ['start > say', 'say > again'], types);
/** Version 2 of the workflow has version 2 of the node type. */
const plans = new Map([
  [1, planWith('say')],
  [2, planWith('say@2')],
]);

/** Two executions, one of each version of the workflow, in one process with both versions of the node type. */
async function bothUnderWay() {
  const store = new InMemoryEventStore<ExecutionEvent>();
  const planOfVersion = async (_: string, version: number) => {
    const plan = plans.get(version);
    if (!plan) throw new InvariantError(`no version ${version}`);
    return plan;
  };
  const parts = { plans: { planOf: planOfVersion }, nodeTypes: types };
  const runtime = runtimeOn(store, parts.plans);
  const runner = new AttemptRunner({
    ...runtime,
    ...parts,
    credentials: { find: async () => ({ kind: 'absent' }), renew: async () => ({ kind: 'absent' }) },
    onFault: (error) => {
      throw error;
    },
  });
  for (const workflowVersion of [1, 2]) {
    const executionId = `ex_${workflowVersion}`;
    await runtime.journal.start(executionId, { ...startOf(), workflowVersion });
    await runtime.journal.submit(executionId, begin);
  }
  const run = (executionId: string, nodeId: string) =>
    runner.run({ executionId, nodeId, attempt: 1 }, new AbortController().signal);
  return { run, store };
}

describe('an execution of an older version of a workflow', () => {
  it('keeps its version of a node type to its end, beside one that has the newer', async () => {
    const { run, store } = await bothUnderWay();
    for (const nodeId of ['say', 'again']) {
      expect(await run('ex_2', nodeId)).toEqual({ outcome: 'succeeded', nodeType: 'say@2' });
      expect(await run('ex_1', nodeId)).toEqual({ outcome: 'succeeded', nodeType: 'say' });
    }
    const outputs = async (executionId: string) =>
      (await eventsOf(store, executionId)).flatMap((event) =>
        event.type === 'NodeSucceeded' ? [event.data.output] : [],
      );
    expect(await outputs('ex_1')).toEqual([{ value: { ranBy: 'say' } }, { value: { ranBy: 'say' } }]);
    expect(await outputs('ex_2')).toEqual([{ value: { ranBy: 'say@2' } }, { value: { ranBy: 'say@2' } }]);
    expect((await eventsOf(store, 'ex_1')).at(-1)?.type).toBe('ExecutionSucceeded');
  });
});
