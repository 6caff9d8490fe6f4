import fc from 'fast-check';
import type { EventStore } from '#libs/event-sourcing';
import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import type { ExecutionEvent } from '#libs/execution-engine';
import { begin, failure, fire, planOf, scheduled, success } from '#libs/execution-engine/testing';
import { commitsOf, eventsOf, runtimeOn, startOf, StoreBetween } from './testing/index.ts';

const retry = { maxAttempts: 3, backoff: 'fixed', initialMs: 1000, maxMs: 1000, jitter: false } as const;
const line = planOf({ start: 'trigger.manual', one: { type: 'noop', retry }, two: 'noop' }, [
  'start > one',
  'one > two',
]);

function fanOf(count: number) {
  const names = Array.from({ length: count }, (_, index) => `n${index}`);
  const nodes = { start: 'trigger.manual', ...Object.fromEntries(names.map((name) => [name, 'noop'])), merge: 'merge' };
  return {
    names,
    plan: planOf(
      nodes,
      names.flatMap((name) => [`start > ${name}`, `${name} > merge`]),
    ),
  };
}

const log = () => new InMemoryEventStore<ExecutionEvent>();

/** Each result once, the end once, versions dense. */
async function expectOneOfEach(store: EventStore<ExecutionEvent>, names: readonly string[]): Promise<void> {
  const commits = await commitsOf(store);
  const events = commits.flatMap((commit) => commit.events);
  const results = events.flatMap((event) => (event.type === 'NodeSucceeded' ? [event.data.nodeId] : []));
  expect(results.sort()).toEqual([...names, 'merge'].sort());
  expect(events.at(-1)?.type).toBe('ExecutionSucceeded');
  let next = 1;
  for (const { firstVersion, events: own } of commits) {
    expect(firstVersion).toBe(next);
    next += own.length;
  }
}

describe('two processes', () => {
  it('that report the same results at once record each of them once', async () => {
    const { names, plan } = fanOf(40);
    const store = log();
    const [one, other] = [runtimeOn(store, plan).journal, runtimeOn(store, plan).journal];
    await one.start('ex_1', startOf());
    await Promise.all([one.submit('ex_1', begin), other.submit('ex_1', begin)]);
    await Promise.all(names.flatMap((name) => [one, other].map((journal) => journal.submit('ex_1', success(name)))));
    await expectOneOfEach(store, names);
  });

  it('record each result once in whatever order the log answers them', async () => {
    const { names, plan } = fanOf(3);
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const store = log();
        const journals = [1, 2].map(() => runtimeOn(slowed(store, scheduler), plan).journal);
        await runtimeOn(store, plan).journal.start('ex_1', startOf());
        const work = journals.map(async (journal) => {
          await journal.submit('ex_1', begin);
          await Promise.all(names.map((name) => journal.submit('ex_1', success(name))));
        });
        await scheduler.waitFor(Promise.all(work));
        await expectOneOfEach(store, names);
      }),
      { numRuns: 100 },
    );
  });
});

/** The log with the answers to its reads and appends in an order that the scheduler chooses. */
function slowed(store: EventStore<ExecutionEvent>, scheduler: fc.Scheduler): StoreBetween {
  const between = new StoreBetween(store);
  between.append = async (commit, expected) => {
    await scheduler.schedule(Promise.resolve(), 'append');
    const appended = store.append(commit, expected);
    await scheduler.schedule(
      appended.then(
        () => undefined,
        () => undefined,
      ),
      'acknowledge',
    );
    return appended;
  };
  between.readLast = async (id, options) => {
    const last = await store.readLast(id, options);
    await scheduler.schedule(Promise.resolve(), 'read');
    return last;
  };
  return between;
}

/** A replica that has seen only the first commits of the history; the leader has them all. */
function behind(store: EventStore<ExecutionEvent>, seen: number) {
  const between = new StoreBetween(store);
  let freshReads = 0;
  between.readLast = async (id, options) => {
    if (options?.fresh) {
      freshReads++;
      return store.readLast(id, options);
    }
    return (await commitsOf(store, id)).slice(0, seen).at(-1);
  };
  return { between, freshReads: () => freshReads };
}

describe('"nothing follows"', () => {
  it.each([0, 1])('is not believed of a replica that has seen %d commits', async (seen) => {
    const store = log();
    const { journal } = runtimeOn(store, line);
    await journal.start('ex_1', startOf());
    await journal.submit('ex_1', begin);
    const { between } = behind(store, seen);
    await runtimeOn(between, line).journal.submit('ex_1', success('one'));
    expect((await eventsOf(store)).slice(2)).toEqual([
      { type: 'NodeSucceeded', data: { nodeId: 'one', attempt: 1, output: { value: {} }, leavesBy: ['main'] } },
      scheduled('two'),
    ]);
  });

  it('is not believed of what this process remembers', async () => {
    const store = log();
    const [ours, theirs] = [runtimeOn(store, line).journal, runtimeOn(store, line).journal];
    await ours.start('ex_1', startOf());
    await ours.submit('ex_1', begin);
    await ours.submit('ex_1', failure('one', { retryable: true }));
    await theirs.submit('ex_1', fire('retry-1-one'));
    await ours.submit('ex_1', success('one', 'second', 2));
    expect((await eventsOf(store)).at(-1)).toEqual(scheduled('two'));
  });

  it('is not believed for a part of what shares a commit', async () => {
    const { names, plan } = fanOf(3);
    const store = log();
    const [ours, theirs] = [runtimeOn(store, plan).journal, runtimeOn(store, plan).journal];
    await ours.start('ex_1', startOf());
    await ours.submit('ex_1', begin);
    await theirs.submit('ex_1', success('n0'));
    await Promise.all(names.map((name) => ours.submit('ex_1', success(name))));
    await expectOneOfEach(store, names);
  });

  it('is believed of the leader, after one look', async () => {
    const store = log();
    await runtimeOn(store, line).journal.start('ex_1', startOf());
    await runtimeOn(store, line).journal.submit('ex_1', begin);
    const { between, freshReads } = behind(store, 1);
    await runtimeOn(between, line).journal.submit('ex_1', success('two'));
    expect(freshReads()).toBe(1);
    expect(await eventsOf(store)).toHaveLength(2);
  });

  it('is believed of an execution that is over, without asking the leader', async () => {
    const store = log();
    const { journal } = runtimeOn(store, line);
    await journal.start('ex_1', startOf());
    await journal.submit('ex_1', begin);
    await journal.submit('ex_1', failure('one'));
    const { between, freshReads } = behind(store, 3);
    await runtimeOn(between, line).journal.submit('ex_1', success('one'));
    expect(freshReads()).toBe(0);
    expect(await commitsOf(store)).toHaveLength(3);
  });
});

describe('something that follows from an old state', () => {
  it('is refused by the log and decided again', async () => {
    const store = log();
    const { journal } = runtimeOn(store, line);
    await journal.start('ex_1', startOf());
    await journal.submit('ex_1', begin);
    await journal.submit('ex_1', success('one'));
    const { between } = behind(store, 2);
    await runtimeOn(between, line).journal.submit('ex_1', failure('one'));
    expect((await eventsOf(store)).map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'NodeScheduled',
      'NodeSucceeded',
      'NodeScheduled',
    ]);
  });
});
