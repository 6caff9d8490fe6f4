import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import type { ExecutionEvent } from '#libs/execution-engine';
import { begin, NOW, planOf, success } from '#libs/execution-engine/testing';
import { ExecutionJournal } from './journal.ts';
import { KnownStates } from './known-state.ts';
import { commitsOf, eventsOf, runtimeOn, startOf } from './testing/index.ts';

const plan = planOf({ start: 'trigger.manual', one: 'noop', two: 'noop' }, ['start > one', 'one > two']);
const rearmed: ExecutionEvent = { type: 'TimerRearmed', data: { timerId: 'timeout' } };

/** An execution at its first node, in a history of `length` events. */
async function executionOf(length: number) {
  const store = new InMemoryEventStore<ExecutionEvent>();
  const told: [string, number][] = [];
  const { journal, ...runtime } = runtimeOn(store, plan);
  await journal.start('ex_1', startOf());
  await journal.submit('ex_1', begin);
  const last = (await commitsOf(store)).at(-1);
  const events = new Array<ExecutionEvent>(length - 2).fill(rearmed);
  await store.append({ id: 'long', aggregateId: 'ex_1', firstVersion: 3, at: NOW, events }, last?.sequence ?? 0);
  return {
    told,
    lastEvents: async (count: number) => (await eventsOf(store)).slice(-count),
    journal: new ExecutionJournal({
      ...{ ...runtime, store, states: new KnownStates(store) },
      plans: { planOf: async () => plan },
      newCommitId: () => 'next',
      onLongHistory: (executionId, count) => void told.push([executionId, count]),
    }),
  };
}

describe('a long history', () => {
  it('is told of when it reaches 5,000 events', async () => {
    const { journal, told } = await executionOf(4_999);
    await journal.submit('ex_1', success('one'));
    await journal.submit('ex_1', { type: 'SendSignal', name: 'any', payload: { value: null } });
    expect(told).toEqual([['ex_1', 5_001]]);
  });

  it('may go on below 20,000 events', async () => {
    const { journal, lastEvents } = await executionOf(19_997);
    await journal.submit('ex_1', success('one'));
    expect((await lastEvents(1))[0]?.type).toBe('NodeScheduled');
    expect(await journal.fresh('ex_1')).toMatchObject({ status: 'running' });
  });

  it('of 20,000 events ends with a failure that names its node, and what had come is recorded', async () => {
    const { journal, lastEvents } = await executionOf(19_998);
    await journal.submit('ex_1', success('one'));
    expect(await lastEvents(3)).toMatchObject([
      { type: 'NodeSucceeded', data: { nodeId: 'one' } },
      { type: 'NodeScheduled', data: { nodeId: 'two' } },
      { type: 'ExecutionFailed', data: { error: { code: 'HISTORY_TOO_LONG', nodeId: 'two' } } },
    ]);
    expect(await journal.fresh('ex_1')).toMatchObject({ status: 'failed' });
  });

  it('may be of any length when its last event is its end', async () => {
    const { journal, lastEvents } = await executionOf(25_000);
    await journal.submit('ex_1', { type: 'CancelExecution' });
    expect((await lastEvents(1))[0]?.type).toBe('ExecutionCancelled');
  });
});
