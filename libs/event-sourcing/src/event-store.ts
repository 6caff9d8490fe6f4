import { MillraceError } from '#libs/kernel';
import type { Commit, StoredCommit } from './commit.ts';
import type { DomainEvent } from './decider.ts';

/** Histories of one kind of aggregate. Append is the only write, and the expected sequence the only lock. */
export interface EventStore<Event extends DomainEvent> {
  /**
   * Stores one commit as one message if the aggregate's last message still has `expectedSequence` (0: none yet).
   * Returns its sequence. Throws ConcurrencyConflict when somebody else was first, and LogUnavailableError when
   * the log did not answer and the last message read back is not this commit.
   */
  append(commit: Commit<Event>, expectedSequence: number): Promise<number>;
  /** The newest commit, or undefined. `fresh` asks the stream's leader, for use after a conflict. */
  readLast(aggregateId: string, options?: { fresh?: boolean }): Promise<StoredCommit<Event> | undefined>;
  /** The history, oldest first, from the commit with `fromSequence` on (default: all of it); empty when there is none. */
  readHistory(aggregateId: string, options?: { fromSequence?: number }): AsyncIterable<StoredCommit<Event>>;
}

/** Somebody else appended first: read again, decide again. */
export class ConcurrencyConflict extends MillraceError {
  override readonly name = 'ConcurrencyConflict';
  constructor(aggregateId: string, cause?: unknown) {
    super('conflict', 'CONCURRENCY_CONFLICT', `${aggregateId} was changed meanwhile; read it again and repeat`, {
      cause,
    });
  }
}

/** The log did not take or confirm a write, or did not answer a read. Nothing is known to be stored. */
export class LogUnavailableError extends MillraceError {
  override readonly name = 'LogUnavailableError';
  constructor(message: string, options: { code?: string; retryAfterMs?: number; cause?: unknown } = {}) {
    super('unavailable', options.code ?? 'LOG_UNAVAILABLE', message, {
      retryAfterMs: options.retryAfterMs ?? 1000,
      cause: options.cause,
    });
  }
}
