import { LogUnavailableError } from '#libs/event-sourcing';
import { InMemoryEventStore } from '#libs/event-sourcing/testing';
import { SNAPSHOT_EVERY, SNAPSHOT_VERSION, type ExecutionEvent } from '#libs/execution-engine';
import { begin, planOf, scheduled, skipped, started, succeeded, success } from '#libs/execution-engine/testing';
import { KnownStates, NOT_STARTED, type KnownState } from './known-state.ts';
import { commitsOf, runtimeOn, startOf, StoreBetween, type StoredExecutionCommit } from './testing/index.ts';

const names = Array.from({ length: 40 }, (_, index) => `n${index}`);
const chain = planOf(
  { start: 'trigger.manual', ...Object.fromEntries(names.map((name) => [name, 'noop'])) },
  names.map((name, index) => `${index === 0 ? 'start' : names[index - 1]} > ${name}`),
);
const log = () => new InMemoryEventStore<ExecutionEvent>();
const stateAt = (sequence: number, weight = 100): KnownState => ({
  ...NOT_STARTED,
  version: sequence,
  sequence,
  weight,
});

/** A log with an execution of many commits, two events each. */
async function longHistory() {
  const store = log();
  const { journal, states } = runtimeOn(store, chain);
  await journal.start('ex_1', startOf());
  await journal.submit('ex_1', begin);
  for (const name of names.slice(0, -2)) await journal.submit('ex_1', success(name));
  return { store, held: states.recent('ex_1')! };
}

describe('what is remembered', () => {
  it('is there until it is forgotten', () => {
    const states = new KnownStates(log());
    states.remember('ex_1', stateAt(3));
    expect(states.recent('ex_1')).toEqual(stateAt(3));
    expect(states.recent('ex_2')).toBeUndefined();
    states.forget('ex_1');
    expect(states.recent('ex_1')).toBeUndefined();
  });

  it('goes forward only, in whatever order reads and appends end', () => {
    const states = new KnownStates(log());
    states.remember('ex_1', stateAt(3));
    states.remember('ex_1', stateAt(2));
    expect(states.recent('ex_1')?.sequence).toBe(3);
    states.remember('ex_1', stateAt(4));
    expect(states.recent('ex_1')?.sequence).toBe(4);
  });

  it('is bounded in number: the longest unused goes first', () => {
    const states = new KnownStates(log());
    states.remember('ex_first', stateAt(1));
    for (let index = 0; index < 3999; index++) states.remember(`ex_${index}`, stateAt(1));
    expect(states.recent('ex_first')).toBeDefined();
    states.remember('ex_last', stateAt(1));
    expect(states.recent('ex_first')).toBeDefined();
    expect(states.recent('ex_0')).toBeUndefined();
  });

  it('is bounded in bytes', () => {
    const states = new KnownStates(log());
    const mebibyte = 1024 * 1024;
    for (let index = 0; index < 20; index++) states.remember(`ex_${index}`, stateAt(1, mebibyte));
    const kept = Array.from({ length: 20 }, (_, index) => states.recent(`ex_${index}`)).filter(Boolean);
    expect(kept).toHaveLength(16);
    states.remember('ex_huge', stateAt(1, 17 * mebibyte));
    expect(states.recent('ex_huge')).toBeUndefined();
  });
});

describe('a read', () => {
  it('of what was never begun is nothing', async () => {
    expect(await new KnownStates(log()).read('ex_1', { fresh: true })).toEqual(NOT_STARTED);
  });

  it('begins at the last snapshot', async () => {
    const { store, held } = await longHistory();
    const between = new StoreBetween(store);
    const reads: (number | undefined)[] = [];
    between.readHistory = (id, options) => {
      reads.push(options?.fromSequence);
      return store.readHistory(id, options);
    };
    const read = await new KnownStates(between).read('ex_1', { fresh: true });
    expect(read).toMatchObject({ state: held.state, version: held.version, sequence: held.sequence });
    expect(reads).toEqual([held.snapshot.sequence]);
    expect(read.version - held.snapshot.version).toBeLessThan(SNAPSHOT_EVERY);
  });

  it('folds everything when the snapshots are of another version of this program', async () => {
    const { store, held } = await longHistory();
    const other = await withSnapshots(store, (snapshot) => ({ ...snapshot, version: SNAPSHOT_VERSION + 1 }));
    const read = await new KnownStates(other).read('ex_1', { fresh: true });
    expect(read).toEqual({ ...held, snapshot: { sequence: 0, version: 0 }, weight: held.weight });
  });

  it('believes a snapshot of its own version', async () => {
    const { store } = await longHistory();
    const marked = await withSnapshots(store, (snapshot) => ({
      ...snapshot,
      state: { ...snapshot.state, workspaceId: 'ws_of_the_snapshot' },
    }));
    const { state } = await new KnownStates(marked).read('ex_1', { fresh: true });
    expect(state).toHaveProperty('workspaceId', 'ws_of_the_snapshot');
  });

  it('never ends before the last commit that was seen, though the replica is one behind', async () => {
    const { store, held } = await longHistory();
    const read = await new KnownStates(lagging(store, 1)).read('ex_1', { fresh: true });
    expect(read).toMatchObject({ state: held.state, version: held.version, sequence: held.sequence });
  });

  it.each([2, 100])('rejects rather than tell an old state when the replica is %d behind', async (behind) => {
    const { store } = await longHistory();
    const states = new KnownStates(lagging(store, behind));
    await expect(states.read('ex_1', { fresh: true })).rejects.toBeInstanceOf(LogUnavailableError);
  });

  it('takes what came since it asked', async () => {
    const store = log();
    await store.append({ id: 'a', aggregateId: 'ex_1', firstVersion: 1, at, events: [started()] }, 0);
    await store.append({ id: 'b', aggregateId: 'ex_1', firstVersion: 2, at, events: [scheduled('one')] }, 1);
    const between = new StoreBetween(store);
    between.readLast = async () => {
      const last = await store.readLast('ex_1');
      await store.append(
        { id: 'c', aggregateId: 'ex_1', firstVersion: 3, at, events: [succeeded('one'), skipped('two')] },
        2,
      );
      return last;
    };
    expect(await new KnownStates(between).read('ex_1', { fresh: true })).toMatchObject({ version: 4, sequence: 3 });
  });
});

const at = '2026-11-23T10:00:00.000Z';

type Snapshotted = { readonly version: number; readonly state: object };

/** The same log with other snapshots. */
async function withSnapshots(store: InMemoryEventStore<ExecutionEvent>, change: (snapshot: Snapshotted) => unknown) {
  const between = new StoreBetween(store);
  const changed = (commit: StoredExecutionCommit): StoredExecutionCommit =>
    commit.snapshot === undefined ? commit : { ...commit, snapshot: change(commit.snapshot as Snapshotted) };
  between.readLast = async (id) => {
    const last = await store.readLast(id);
    return last && changed(last);
  };
  between.readHistory = async function* (id, options) {
    for await (const commit of store.readHistory(id, options)) yield changed(commit);
  };
  return between;
}

/** Reads of a history that come from a replica without the last commits. */
function lagging(store: InMemoryEventStore<ExecutionEvent>, behind: number): StoreBetween {
  const between = new StoreBetween(store);
  between.readHistory = async function* (id, options) {
    const last = (await commitsOf(store, id)).at(-1 - behind);
    for await (const commit of store.readHistory(id, options)) {
      if (last && commit.sequence <= last.sequence) yield commit;
    }
  };
  return between;
}
