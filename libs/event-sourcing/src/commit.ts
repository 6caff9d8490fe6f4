import type { Instant, JsonObject } from '#libs/kernel';
import type { DomainEvent } from './decider.ts';

/** Work that follows from a commit; the dispatcher hands it to the queue named. */
export interface TaskMessage {
  /** `start.<lane>.<shard>` or `run.<executor>`. */
  readonly queue: string;
  readonly payload: JsonObject;
}

/** A wake-up that follows from a commit: armed for an instant, or dropped because its cause is gone. */
export type TimerMessage =
  | { readonly kind: 'arm'; readonly id: string; readonly dueAt: Instant }
  | { readonly kind: 'drop'; readonly id: string };

/** Who caused a commit: a user or an API key; absent when the engine itself did. */
export interface Actor {
  readonly type: 'user' | 'apiKey';
  readonly id: string;
}

/** One message of the log: facts that happened together, with all that follows from them. */
export interface Commit<Event extends DomainEvent = DomainEvent> {
  /** Unique; tells a writer whose acknowledgement got lost that the commit is its own. */
  readonly id: string;
  /** The aggregate whose history this is. */
  readonly aggregateId: string;
  /** Version of the first event; versions are dense from 1. */
  readonly firstVersion: number;
  readonly at: Instant;
  readonly actor?: Actor;
  readonly events: readonly Event[];
  readonly tasks?: readonly TaskMessage[];
  readonly timers?: readonly TimerMessage[];
  /** Sequence of the newest commit before this one that carries a snapshot: a reader folds from there. Absent: from the first. */
  readonly snapshotSequence?: number;
  /** The fold up to and with this commit, when it is small and worth it; always safe to ignore. */
  readonly snapshot?: unknown;
}

export interface StoredCommit<Event extends DomainEvent = DomainEvent> extends Commit<Event> {
  /** Place in the JetStream stream; the next append expects it. */
  readonly sequence: number;
}

export function lastVersionOf(commit: Commit): number {
  return commit.firstVersion + commit.events.length - 1;
}
