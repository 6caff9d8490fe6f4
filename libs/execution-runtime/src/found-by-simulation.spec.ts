import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import { LogUnavailableError } from '#libs/event-sourcing';
import type { ExecutionEvent } from '#libs/execution-engine';
import { begin, nodeTypesWith, planOf } from '#libs/execution-engine/testing';
import { AttemptRunner } from './attempt-runner.ts';
import { eventsOf, runtimeOn, startOf } from './testing/index.ts';

// Stories that the simulation found, told plainly.

const types = nodeTypesWith(async () => 'done');
const stay = new AbortController().signal;

async function runnerFor(plan: ReturnType<typeof planOf>) {
  const store = new InMemoryEventStore<ExecutionEvent>();
  const runtime = runtimeOn(store, plan);
  const faults: unknown[] = [];
  const parts = {
    ...runtime,
    plans: { planOf: async () => plan },
    nodeTypes: types,
    credentials: { find: async () => ({ kind: 'absent' }) as const, renew: async () => ({ kind: 'absent' }) as const },
    onFault: (error: unknown) => void faults.push(error),
  };
  await runtime.journal.start('ex_1', startOf());
  await runtime.journal.submit('ex_1', begin);
  return { store, runtime, parts, faults };
}

describe('an attempt that had begun when its worker died', () => {
  const plan = planOf(
    { start: 'trigger.manual', send: { type: 'work', onInterrupted: 'ask' } },
    ['start > send'],
    types,
  );

  it('is in doubt, though its destination takes none when it comes again', async () => {
    const { store, runtime, parts } = await runnerFor(plan);
    await runtime.journal.submit('ex_1', { type: 'BeginAttempt', nodeId: 'send', attempt: 1, by: 'who died' });
    const closed = { kind: 'postponed', untilMs: runtime.clock.ms, reason: { kind: 'circuit', key: 'api' } } as const;
    const runner = new AttemptRunner({ ...parts, destinations: { enter: async () => closed } });
    const ended = await runner.run({ executionId: 'ex_1', nodeId: 'send', attempt: 1 }, stay);
    expect(ended.outcome).toBe('dropped');
    expect((await eventsOf(store)).at(-1)).toMatchObject({ type: 'NodeWaiting', data: { on: { kind: 'person' } } });
  });
});

describe('a log that does not take the execution that a node starts', () => {
  const plan = planOf({ start: 'trigger.manual', call: { type: 'subworkflow', config: { workflowId: 'wf_1' } } }, [
    'start > call',
  ]);

  it('uses up no attempt: the delivery comes again', async () => {
    const { store, parts, faults } = await runnerFor(plan);
    const before = await eventsOf(store);
    const away = { start: () => Promise.reject(new LogUnavailableError('it does not answer')) };
    const runner = new AttemptRunner({ ...parts, starter: away });
    const run = runner.run({ executionId: 'ex_1', nodeId: 'call', attempt: 1 }, stay);
    await expect(run).rejects.toThrow(LogUnavailableError);
    expect(await eventsOf(store)).toEqual(before);
    expect(faults).toEqual([]);
  });
});
