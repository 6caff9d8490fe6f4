import { ConcurrencyConflict, LogUnavailableError } from '#libs/event-sourcing';
import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import { evolve, initialState, SNAPSHOT_EVERY, type ExecutionEvent, type ExecutionState } from '#libs/execution-engine';
import { begin, failure, fire, planOf, scheduled, success } from '#libs/execution-engine/testing';
import { InvariantError } from '#libs/kernel';
import { commitsOf, eventsOf, runtimeOn, startOf, StoreBetween } from './testing/index.ts';

const retry = { maxAttempts: 3, backoff: 'fixed', initialMs: 1000, maxMs: 1000, jitter: false } as const;
const line = planOf({ start: 'trigger.manual', one: { type: 'noop', retry }, two: 'noop' }, [
  'start > one',
  'one > two',
]);
const names = Array.from({ length: 20 }, (_, index) => `n${index}`);
const fan = planOf(
  { start: 'trigger.manual', ...Object.fromEntries(names.map((name) => [name, 'noop'])), merge: 'merge' },
  names.flatMap((name) => [`start > ${name}`, `${name} > merge`]),
);

const log = () => new InMemoryEventStore<ExecutionEvent>();
const typesOf = (events: readonly ExecutionEvent[]): string[] => events.map(({ type }) => type);

describe('start', () => {
  it('records the execution with who asked for it and the task that begins it', async () => {
    const store = log();
    await runtimeOn(store, line).journal.start('ex_1', startOf({ a: 1 }), { type: 'user', id: 'usr_1' });
    const [commit, ...more] = await commitsOf(store);
    expect(more).toEqual([]);
    expect(commit).toMatchObject({
      aggregateId: 'ex_1',
      firstVersion: 1,
      at: '2026-11-23T10:00:00.000Z',
      actor: { type: 'user', id: 'usr_1' },
      events: [{ type: 'ExecutionStarted', data: { input: { value: { a: 1 } } } }],
      tasks: [{ payload: { executionId: 'ex_1' } }],
    });
  });

  it('of an execution that exists is a conflict, in this process and in another', async () => {
    const store = log();
    const { journal } = runtimeOn(store, line);
    await journal.start('ex_1', startOf());
    await expect(journal.start('ex_1', startOf())).rejects.toBeInstanceOf(ConcurrencyConflict);
    await expect(runtimeOn(store, line).journal.start('ex_1', startOf())).rejects.toBeInstanceOf(ConcurrencyConflict);
    expect(await commitsOf(store)).toHaveLength(1);
  });

  it('twice at once happens once, and what is submitted meanwhile is done', async () => {
    const store = log();
    const { journal } = runtimeOn(store, line);
    const starts = [journal.start('ex_1', startOf()), journal.start('ex_1', startOf())];
    const begun = journal.submit('ex_1', begin);
    const outcomes = await Promise.allSettled(starts);
    await begun;
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(typesOf(await eventsOf(store))).toEqual(['ExecutionStarted', 'NodeScheduled']);
  });

  it('lets a command wait that comes before its acknowledgement', async () => {
    const between = new StoreBetween(log());
    const { journal } = runtimeOn(between, line);
    const acknowledged = Promise.withResolvers<void>();
    between.append = async (commit, expected) => {
      const sequence = await between.log.append(commit, expected);
      await acknowledged.promise;
      return sequence;
    };
    let reads = 0;
    between.readLast = (id, options) => {
      reads++;
      return between.log.readLast(id, options);
    };
    const started = journal.start('ex_1', startOf());
    const begun = journal.submit('ex_1', begin);
    acknowledged.resolve();
    await Promise.all([started, begun]);
    expect(reads).toBe(0);
    expect(typesOf(await eventsOf(between.log))).toEqual(['ExecutionStarted', 'NodeScheduled']);
  });
});

describe('submit', () => {
  it('records what follows, with its effects, before it resolves', async () => {
    const store = log();
    const { journal, clock } = runtimeOn(store, line);
    await journal.start('ex_1', startOf());
    await journal.submit('ex_1', begin);
    clock.ms += 500;
    await journal.submit('ex_1', failure('one', { retryable: true }));
    const commits = await commitsOf(store);
    expect(commits.map(({ firstVersion }) => firstVersion)).toEqual([1, 2, 3]);
    expect(commits[1]?.tasks).toEqual([
      { queue: 'run.noop', payload: { executionId: 'ex_1', nodeId: 'one', attempt: 1 } },
    ]);
    expect(commits[2]).toMatchObject({
      at: '2026-11-23T10:00:00.500Z',
      timers: [{ kind: 'arm', id: 'retry-1-one', dueAt: '2026-11-23T10:00:01.500Z' }],
    });
    expect(commits[2]).not.toHaveProperty('tasks');
  });

  it('of something late resolves and records nothing', async () => {
    const store = log();
    const { journal } = runtimeOn(store, line);
    await journal.start('ex_1', startOf());
    await journal.submit('ex_1', begin);
    for (const command of [begin, success('two'), success('one', {}, 2), fire('retry-1-one')]) {
      await journal.submit('ex_1', command);
    }
    expect(await commitsOf(store)).toHaveLength(2);
  });

  it('for an execution that never was rejects: the log is not what it should be', async () => {
    await expect(runtimeOn(log(), line).journal.submit('ex_1', begin)).rejects.toBeInstanceOf(InvariantError);
  });

  it('at once for one execution shares a commit', async () => {
    const store = log();
    const { journal } = runtimeOn(store, fan);
    await journal.start('ex_1', startOf());
    await journal.submit('ex_1', begin);
    await Promise.all(names.map((name) => journal.submit('ex_1', success(name, name))));
    const commits = await commitsOf(store);
    expect(commits).toHaveLength(3);
    expect(commits[2]?.events).toHaveLength(names.length + 2);
    expect(commits[2]?.events.at(-1)).toEqual({ type: 'ExecutionSucceeded', data: { endNodes: ['merge'] } });
  });

  it('while a commit is under way waits for the next one', async () => {
    const store = log();
    const { journal } = runtimeOn(store, fan);
    await journal.start('ex_1', startOf());
    await journal.submit('ex_1', begin);
    const first = journal.submit('ex_1', success('n0'));
    await Promise.resolve().then(() => undefined);
    const others = names.slice(1).map((name) => journal.submit('ex_1', success(name)));
    await Promise.all([first, ...others]);
    expect((await commitsOf(store)).length).toBeLessThanOrEqual(4);
    expect((await eventsOf(store)).at(-1)?.type).toBe('ExecutionSucceeded');
  });

  it('the same command many times at once records it once', async () => {
    const store = log();
    const { journal } = runtimeOn(store, line);
    await journal.start('ex_1', startOf());
    await Promise.all(names.map(() => journal.submit('ex_1', begin)));
    await Promise.all(names.map(() => journal.submit('ex_1', success('one'))));
    expect(typesOf(await eventsOf(store))).toEqual([
      'ExecutionStarted',
      'NodeScheduled',
      'NodeSucceeded',
      'NodeScheduled',
    ]);
  });

  it('keeps executions apart', async () => {
    const store = log();
    const { journal } = runtimeOn(store, line);
    await Promise.all(['ex_1', 'ex_2'].map((id) => journal.start(id, startOf())));
    await Promise.all(['ex_1', 'ex_2'].map((id) => journal.submit(id, begin)));
    expect(await eventsOf(store, 'ex_2')).toEqual(await eventsOf(store, 'ex_1'));
  });
});

describe('a state that this process holds', () => {
  it('is waited for while a commit of ours is under way', async () => {
    const between = new StoreBetween(log());
    const { journal } = runtimeOn(between, line);
    await journal.start('ex_1', startOf());
    const acknowledged = Promise.withResolvers<void>();
    between.append = async (commit, expected) => {
      await acknowledged.promise;
      return between.log.append(commit, expected);
    };
    const begun = journal.submit('ex_1', begin);
    const known = journal.known('ex_1');
    acknowledged.resolve();
    expect(await known).toMatchObject({ nodes: { one: { status: 'scheduled' } } });
    await begun;
  });

  it('is the one of the log when it was asked for fresh', async () => {
    const store = log();
    const [ours, theirs] = [runtimeOn(store, line), runtimeOn(store, line)];
    await ours.journal.start('ex_1', startOf());
    await theirs.journal.submit('ex_1', begin);
    expect(await ours.journal.known('ex_1')).toMatchObject({ status: 'queued' });
    expect(await ours.journal.fresh('ex_1')).toMatchObject({ status: 'running' });
    expect(await ours.journal.known('ex_1')).toMatchObject({ status: 'running' });
  });

  it('is not kept once the execution is over', async () => {
    const store = log();
    const { journal, states } = runtimeOn(store, line);
    await journal.start('ex_1', startOf());
    expect(states.recent('ex_1')).toBeDefined();
    await journal.submit('ex_1', begin);
    await journal.submit('ex_1', failure('one'));
    expect(states.recent('ex_1')).toBeUndefined();
    expect(await journal.known('ex_1')).toMatchObject({ status: 'failed' });
  });

  it('is what its history folds to, however the commands came', async () => {
    const store = log();
    const { journal, states } = runtimeOn(store, fan);
    await journal.start('ex_1', startOf());
    await journal.submit('ex_1', begin);
    for (const name of names.slice(1)) await journal.submit('ex_1', success(name, { name }));
    const commits = await commitsOf(store);
    const folded = commits.reduce<ExecutionState>(
      (before, { events, at }) => events.reduce((state, event) => evolve(state, event, at), before),
      initialState(),
    );
    expect(states.recent('ex_1')?.state).toEqual(folded);
    const read = await runtimeOn(store, fan).states.read('ex_1', { fresh: true });
    expect(read.state).toEqual(folded);
    expect(read).toMatchObject({ version: states.recent('ex_1')?.version, sequence: commits.at(-1)?.sequence });
    expect(commits.filter(({ snapshot }) => snapshot !== undefined).length).toBeGreaterThan(0);
    expect(commits.filter(({ snapshot }) => snapshot !== undefined).length).toBeLessThanOrEqual(
      Math.ceil(read.version / SNAPSHOT_EVERY),
    );
  });
});

describe('a log that is away', () => {
  const unavailable = () => Promise.reject(new LogUnavailableError('the log is away'));

  it('rejects all that share the commit, and what this process knew is forgotten', async () => {
    const between = new StoreBetween(log());
    const { journal, states } = runtimeOn(between, fan);
    await journal.start('ex_1', startOf());
    await journal.submit('ex_1', begin);
    between.append = unavailable;
    const outcomes = await Promise.allSettled(names.map((name) => journal.submit('ex_1', success(name))));
    expect(outcomes.map((one) => one.status === 'rejected' && (one.reason as Error).name)).toEqual(
      names.map(() => 'LogUnavailableError'),
    );
    expect(states.recent('ex_1')).toBeUndefined();
  });

  it('is gone on with as soon as it is back', async () => {
    const between = new StoreBetween(log());
    const { journal } = runtimeOn(between, line);
    await journal.start('ex_1', startOf());
    const { append } = between;
    between.append = unavailable;
    await expect(journal.submit('ex_1', begin)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    between.append = append;
    await journal.submit('ex_1', begin);
    expect(typesOf(await eventsOf(between.log))).toEqual(['ExecutionStarted', 'NodeScheduled']);
  });

  it('records nothing twice when the commit was stored and only its acknowledgement got lost', async () => {
    const between = new StoreBetween(log());
    const { journal } = runtimeOn(between, line);
    await journal.start('ex_1', startOf());
    between.append = async (commit, expected) => {
      await between.log.append(commit, expected);
      return unavailable();
    };
    await expect(journal.submit('ex_1', begin)).rejects.toBeInstanceOf(LogUnavailableError);
    await journal.submit('ex_1', begin);
    expect(await eventsOf(between.log)).toHaveLength(2);
  });

  it('lets nobody believe that an execution was started', async () => {
    const between = new StoreBetween(log());
    const { journal, states } = runtimeOn(between, line);
    between.append = unavailable;
    await expect(journal.start('ex_1', startOf())).rejects.toBeInstanceOf(LogUnavailableError);
    expect(states.recent('ex_1')).toBeUndefined();
  });

  it('rejects when it can not be read, and keeps nothing waiting', async () => {
    const between = new StoreBetween(log());
    const { journal } = runtimeOn(between, line);
    await runtimeOn(between.log, line).journal.start('ex_1', startOf());
    const { readLast } = between;
    between.readLast = unavailable;
    await expect(journal.submit('ex_1', begin)).rejects.toBeInstanceOf(LogUnavailableError);
    await expect(journal.known('ex_1')).rejects.toBeInstanceOf(LogUnavailableError);
    between.readLast = readLast;
    await journal.submit('ex_1', begin);
    expect((await eventsOf(between.log)).at(-1)).toEqual(scheduled('one'));
  });
});

describe('an execution that others change without end', () => {
  it('is given up after a while, to be tried again later', async () => {
    const between = new StoreBetween(log());
    const { journal } = runtimeOn(between, line);
    await journal.start('ex_1', startOf());
    let tries = 0;
    between.append = async () => {
      tries++;
      throw new ConcurrencyConflict('ex_1');
    };
    await expect(journal.submit('ex_1', begin)).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'EXECUTION_CONTENDED',
      retryAfterMs: 1000,
    });
    expect(tries).toBe(32);
  });
});
