import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import type { ExecutionEvent } from '#libs/execution-engine';
import { begin, planOf } from '#libs/execution-engine/testing';
import { FollowUps } from './follow-ups.ts';
import { runtimeOn, startOf } from './testing/index.ts';

const plan = planOf({ start: 'trigger.manual', call: { type: 'subworkflow', config: { workflowId: 'wf_1' } } }, [
  'start > call',
]);
const attempt = { nodeId: 'call', attempt: 1 };

/** `ex_parent` is at the node that starts a child, and `ex_child` was started by it; nothing more was recorded. */
async function parentAndChild() {
  const { journal, payloads, starter } = runtimeOn(new InMemoryEventStore<ExecutionEvent>(), plan);
  const parts = { journal, payloads, starter, plans: { planOf: async () => plan }, announceEnd: () => undefined };
  const followUps = new FollowUps({
    ...parts,
    gates: { admit: async () => undefined, leave: async () => undefined },
    deadLetters: { setAside: async () => undefined, tellRedriven: async () => undefined },
  });
  await journal.start('ex_parent', startOf());
  await journal.submit('ex_parent', begin);
  const origin = { kind: 'child', executionId: 'ex_parent', ...attempt, depth: 1, waits: true } as const;
  await journal.start('ex_child', { ...startOf(), origin });
  return { journal, join: () => followUps.run('ex_child', { kind: 'joinParent' }) };
}

describe('an execution that another one started, and died', () => {
  it('is waited for all the same', async () => {
    const { journal, join } = await parentAndChild();
    await join();
    await join();
    expect(await journal.fresh('ex_parent')).toMatchObject({
      status: 'waiting',
      nodes: { call: { on: { kind: 'execution', executionId: 'ex_child' } } },
    });
    expect(await journal.fresh('ex_child')).toMatchObject({ status: 'queued' });
  });

  it('ends when its parent was over before it could wait', async () => {
    const { journal, join } = await parentAndChild();
    await journal.submit('ex_parent', { type: 'CancelExecution' });
    await join();
    expect(await journal.fresh('ex_child')).toMatchObject({ status: 'cancelled' });
  });

  it('ends when the attempt that started it took too long', async () => {
    const { journal, join } = await parentAndChild();
    const failure = { code: 'NODE_TIMEOUT', message: 'the start took too long', retryable: false };
    await journal.submit('ex_parent', { type: 'RecordFailure', ...attempt, failure });
    await join();
    expect(await journal.fresh('ex_child')).toMatchObject({ status: 'cancelled' });
  });
});
