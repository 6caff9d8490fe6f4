import { epochMsOf, type Clock, type Instant } from '#libs/kernel';

/** A schedule of the server may fire a quarter of a second late: what is due sooner than this is waited for here. */
const SHORT_MS = 300;

/** A wake-up of an execution. */
export interface ShortTimer {
  readonly executionId: string;
  readonly timerId: string;
  readonly dueAt: Instant;
}

/**
 * Waits for timers that are due in a moment, in this process. Its commit stays unacknowledged meanwhile and is the net:
 * when the process dies, the commit is handed out again, and with it the timer. What is further away, and what finds no
 * place, goes to the server's schedules.
 */
export class ShortTimers implements Disposable {
  readonly #waiting = new Map<NodeJS.Timeout, (reason: Error) => void>();

  constructor(
    private readonly parts: {
      readonly places: number;
      readonly clock: Clock;
      readonly fire: (timer: ShortTimer) => Promise<void>;
    },
  ) {}

  /** Resolves when the timer has fired; undefined when it is not one for us. */
  tryTake(timer: ShortTimer): Promise<void> | undefined {
    const { places, clock, fire } = this.parts;
    const delayMs = epochMsOf(timer.dueAt) - clock.nowMs();
    if (delayMs >= SHORT_MS || this.#waiting.size >= places) return undefined;
    return this.#wait(Math.max(0, delayMs)).then(() => fire(timer));
  }

  /** Those that wait fire elsewhere. */
  [Symbol.dispose](): void {
    for (const [timeout, reject] of this.#waiting) {
      clearTimeout(timeout);
      reject(new Error('the worker is shutting down'));
    }
    this.#waiting.clear();
  }

  #wait(delayMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timeout = setTimeout(() => {
      this.#waiting.delete(timeout);
      resolve();
    }, delayMs);
    this.#waiting.set(timeout, reject);
    return promise;
  }
}
