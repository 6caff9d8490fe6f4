import { LRUCache } from 'lru-cache';
import { lastVersionOf, LogUnavailableError, type EventStore, type StoredCommit } from '#libs/event-sourcing';
import {
  evolve,
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
}

const NOTHING: KnownState = { state: initialState(), version: 0, sequence: 0 };

/** Far above what a process has in hand at once; what is further back in the queue is read from the log when it comes. */
const MAX_STATES = 4_000;
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Recent states, kept by this process for speed alone: each is right for the version it names, the log refuses an
 * append that expects an old one. Bounded in number and in (estimated) bytes.
 */
export class KnownStates {
  readonly #recent = new LRUCache<string, KnownState>({ max: MAX_STATES, maxSize: MAX_BYTES });

  constructor(private readonly store: EventStore<ExecutionEvent>) {}

  recent(executionId: string): KnownState | undefined {
    return this.#recent.get(executionId);
  }

  /** Keeps the state unless a newer one is known: reads and appends of one execution may end in any order. */
  remember(executionId: string, known: KnownState, bytes: number): void {
    const present = this.#recent.peek(executionId);
    if (present && present.sequence > known.sequence) return;
    this.#recent.set(executionId, known, { size: Math.max(1, bytes) });
  }

  forget(executionId: string): void {
    this.#recent.delete(executionId);
  }

  /** From the log: usually one message, since a small fold rides along. `fresh` asks the stream's leader. */
  async read(executionId: string, options: { fresh: boolean }): Promise<KnownState> {
    const last = await this.store.readLast(executionId, options);
    if (!last) return NOTHING;
    return stateIn(last) ?? this.#foldHistory(executionId, last);
  }

  /** At least up to `last`: the history may come from a replica that is behind where the last commit was read. */
  async #foldHistory(executionId: string, last: StoredCommit<ExecutionEvent>): Promise<KnownState> {
    let known = NOTHING;
    for await (const commit of this.store.readHistory(executionId)) known = after(known, commit);
    if (known.sequence >= last.sequence) return known;
    if (known.version + 1 === last.firstVersion) return after(known, last);
    throw new LogUnavailableError(`the history of ${executionId} is not complete where it was read`);
  }
}

function stateIn(commit: StoredCommit<ExecutionEvent>): KnownState | undefined {
  if (commit.firstVersion === 1) return after(NOTHING, commit);
  const state = stateOfSnapshot(commit.snapshot);
  return state && { state, version: lastVersionOf(commit), sequence: commit.sequence };
}

function after({ state }: KnownState, commit: StoredCommit<ExecutionEvent>): KnownState {
  const folded = commit.events.reduce((before, event) => evolve(before, event, commit.at), state);
  return { state: folded, version: lastVersionOf(commit), sequence: commit.sequence };
}
