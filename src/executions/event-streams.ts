import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { MillraceError } from '#libs/kernel';

/** Streams that one process keeps open; each costs a subscription and at most a few commits. */
const MAX_OPEN = 10_000;
/** Then a stream ends, so that the caller's rights are looked at again; the caller comes back by itself. */
const MAX_AGE_MS = 15 * 60_000;

export interface OpenStream extends Disposable {
  /** Aborts when the stream is to end. */
  readonly signal: AbortSignal;
}

/** The streams of events that this process keeps open: bounded in number and in time, and ended with the process. */
@Injectable()
export class EventStreams implements OnModuleDestroy {
  readonly #open = new Set<AbortController>();

  /** To be disposed of when the caller is gone or has all. Throws `TOO_MANY_STREAMS`. */
  open(): OpenStream {
    if (this.#open.size >= MAX_OPEN) {
      const message = 'this process keeps as many streams as it can; try again later, or read the events by pages';
      throw new MillraceError('unavailable', 'TOO_MANY_STREAMS', message, { retryAfterMs: 5_000 });
    }
    const controller = new AbortController();
    this.#open.add(controller);
    const timer = setTimeout(() => controller.abort(), MAX_AGE_MS);
    return {
      signal: controller.signal,
      [Symbol.dispose]: () => {
        clearTimeout(timer);
        controller.abort();
        this.#open.delete(controller);
      },
    };
  }

  onModuleDestroy(): void {
    for (const controller of this.#open) controller.abort();
  }
}
