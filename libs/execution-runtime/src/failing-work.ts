import type { Msg } from '@nats-io/nats-core';
import { LRUCache } from 'lru-cache';
import { REDELIVER_AFTER_MS, type AfterFailure, type WorkConsumerOptions } from '#libs/jetstream';
import type { JsonValue } from '#libs/kernel';
import { queueOf } from '#libs/work-queue-jetstream';

/** Work as it was delivered, which failed. */
export interface FailedWork {
  readonly stream: string;
  /** In the stream: names the delivery's message for ever. */
  readonly sequence: number;
  readonly deliveries: number;
  /** `start.<lane>.<shard>`, `run.<executor>` or `due`. */
  readonly queue: string;
  /** As JSON where it is that, else the text. */
  readonly payload: JsonValue;
}

/** Where work goes that nobody can do. */
export interface PoisonedWork {
  setAside(work: FailedWork, error: unknown): Promise<void>;
}

export interface FailingWorkParts {
  /** Whether the error tells that the log, Postgres or the like was away, which is no fault of the work. */
  readonly isAway: (error: unknown) => boolean;
  /** Whether the process is ending, and work fails for that. */
  readonly isStopping: () => boolean;
  /** Records the work as failed, by the engine's rules; false when it is of no such kind. */
  readonly recordFailure: (work: FailedWork) => Promise<boolean>;
  readonly poison: PoisonedWork;
}

/** Failures of one piece of work, by bugs and in this process, after which it is given up. */
export const MAX_FAILURES = 6;
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;
const MAX_KNOWN = 10_000;

/**
 * What becomes of work that failed. When something was away it comes again, for ever. When it fails by a bug, it comes
 * again a few times, and then is given up: an attempt has failed with `INTERNAL`, and the engine goes on by its rules; what
 * can't even be recorded is set aside. The count is this process's own, so that times when something was away do not count.
 */
export class FailingWork {
  readonly #failures = new LRUCache<string, number>({ max: MAX_KNOWN });

  constructor(private readonly parts: FailingWorkParts) {}

  /** For a consumer of the stream. */
  on(stream: string): NonNullable<WorkConsumerOptions['afterFailure']> {
    return (error, message, { sequence, deliveryCount: deliveries }) => {
      const queue = queueOf(message.subject);
      return this.after(error, { stream, sequence, deliveries, queue, payload: payloadOf(message) });
    };
  }

  async after(error: unknown, work: FailedWork): Promise<AfterFailure> {
    const { isAway, isStopping } = this.parts;
    if (isStopping() || isAway(error)) return { againAfterMs: REDELIVER_AFTER_MS };
    const key = `${work.stream}/${work.queue}/${work.sequence}`;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    if (failures < MAX_FAILURES) return { againAfterMs: backoffMs(failures) };
    await this.#giveUp(error, work);
    this.#failures.delete(key);
    return 'done';
  }

  async #giveUp(error: unknown, work: FailedWork): Promise<void> {
    const { isAway, recordFailure, poison } = this.parts;
    try {
      if (await recordFailure(work)) return;
    } catch (fault) {
      if (isAway(fault)) throw fault;
    }
    await poison.setAside(work, error);
  }
}

/** Doubles from failure to failure. */
export function backoffMs(failures: number): number {
  return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 1));
}

/** The payload of a message, which may not even be JSON. */
function payloadOf(message: Msg): JsonValue {
  try {
    return message.json<JsonValue>();
  } catch {
    return message.string();
  }
}
