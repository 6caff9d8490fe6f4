import { LRUCache } from 'lru-cache';
import { lastVersionOf, LogUnavailableError, type EventStore, type StoredCommit } from '#libs/event-sourcing';
import {
  evolveAll,
  initialState,
  stateOfSnapshot,
  type ExecutionEvent,
  type ExecutionState,
} from '#libs/execution-engine';

/** A state, and the place in its history that it was read at. */
export interface KnownState {
  readonly state: ExecutionState;
  /** Of the last event; 0 before the first. */
  readonly version: number;
  /** Of the last commit; what the next append expects. */
  readonly sequence: number;
  /** The newest commit with a snapshot: its sequence, and the version of its last event. Zeros when there is none. */
  readonly snapshot: { readonly sequence: number; readonly version: number };
  /** UTF-16 units of the events' JSON: how much the state may weigh, and snapshots cost. */
  readonly weight: number;
}

export const NOT_STARTED: KnownState = {
  state: initialState(),
  version: 0,
  sequence: 0,
  snapshot: { sequence: 0, version: 0 },
  weight: 0,
};

/** Far above what a process has in hand at once; what is further back in the queue is read from the log when it comes. */
const MAX_STATES = 4_000;
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Recent states, kept by this process for speed alone: each is right for the version it names, the log refuses an
 * append that expects an old one. Bounded in number and in (estimated) bytes.
 */
export class KnownStates {
  readonly #recent: LRUCache<string, KnownState>;

  constructor(
    private readonly store: EventStore<ExecutionEvent>,
    { maxStates = MAX_STATES }: { readonly maxStates?: number } = {},
  ) {
    this.#recent = new LRUCache({ max: maxStates, maxSize: MAX_BYTES });
  }

  recent(executionId: string): KnownState | undefined {
    return this.#recent.get(executionId);
  }

  /** Keeps the state unless a newer one is known: reads and appends of one execution may end in any order. */
  remember(executionId: string, known: KnownState): void {
    const present = this.#recent.peek(executionId);
    if (present && present.sequence > known.sequence) return;
    this.#recent.set(executionId, known, { size: Math.max(1, known.weight) });
  }

  forget(executionId: string): void {
    this.#recent.delete(executionId);
  }

  /** From the log: the last commit, and where it has no snapshot the few since the last one. `fresh` asks the leader. */
  async read(executionId: string, options: { fresh: boolean }): Promise<KnownState> {
    const last = await this.store.readLast(executionId, options);
    if (!last) return NOT_STARTED;
    return stateIn(last) ?? this.#foldHistory(executionId, last);
  }

  /** At least up to `last`: the history may come from a replica that is behind where the last commit was read. */
  async #foldHistory(executionId: string, last: StoredCommit<ExecutionEvent>): Promise<KnownState> {
    const known = (await this.#foldFrom(executionId, last.snapshotSequence)) ?? (await this.#foldFrom(executionId));
    if (known && known.sequence >= last.sequence) return known;
    if (known && known.version + 1 === last.firstVersion) return after(known, last);
    throw new LogUnavailableError(`the history of ${executionId} is not complete where it was read`);
  }

  /** Undefined when the fold can't begin there: the snapshot is of another version of this program. */
  async #foldFrom(executionId: string, fromSequence = 0): Promise<KnownState | undefined> {
    let known: KnownState | undefined;
    for await (const commit of this.store.readHistory(executionId, { fromSequence })) {
      known = known ? after(known, commit) : stateIn(commit);
      if (!known) return undefined;
    }
    return known;
  }
}

/** What the commit says by itself: the first one everything, another one with its snapshot. */
function stateIn(commit: StoredCommit<ExecutionEvent>): KnownState | undefined {
  if (commit.firstVersion === 1) return after(NOT_STARTED, commit);
  const state = stateOfSnapshot(commit.snapshot);
  if (!state) return undefined;
  const { sequence } = commit;
  const version = lastVersionOf(commit);
  return { state, version, sequence, snapshot: { sequence, version }, weight: JSON.stringify(state).length };
}

function after(known: KnownState, commit: StoredCommit<ExecutionEvent>): KnownState {
  const { sequence, events, at, snapshot } = commit;
  const version = lastVersionOf(commit);
  return {
    state: evolveAll(known.state, events, { at }),
    version,
    sequence,
    snapshot: stateOfSnapshot(snapshot) ? { sequence, version } : known.snapshot,
    weight: known.weight + weightOf(events),
  };
}

/** UTF-16 units of the events' JSON. */
export function weightOf(events: readonly ExecutionEvent[]): number {
  return JSON.stringify(events).length;
}
