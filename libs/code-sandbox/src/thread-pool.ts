import type { AbortSignalLike } from '#libs/node-kit';
import { SandboxThread } from './sandbox-thread.ts';
import type { EngineLimits } from './thread-messages.ts';

type Waiting = PromiseWithResolvers<SandboxThread>;

/**
 * Threads, lent to one at a time, first come, first served. They start when they are first needed and stay; one that is
 * over when it comes back is replaced when the next one is needed.
 */
export class ThreadPool implements AsyncDisposable {
  readonly #threads = new Set<SandboxThread>();
  readonly #idle: SandboxThread[] = [];
  readonly #waiting = new Set<Waiting>();
  #isClosed = false;

  constructor(
    private readonly size: number,
    private readonly limits: EngineLimits,
  ) {}

  /** Rejects with the signal's reason when it aborts before there is one. */
  async take(signal: AbortSignalLike | undefined): Promise<SandboxThread> {
    if (this.#isClosed) throw closed();
    if (signal?.aborted) throw signal.reason;
    return this.#free() ?? (await this.#next(signal));
  }

  giveBack(thread: SandboxThread): void {
    if (thread.isOver) this.#threads.delete(thread);
    else this.#idle.push(thread);
    const [first] = this.#waiting;
    if (first === undefined || this.#isClosed) return;
    const free = this.#free();
    if (!free) return;
    this.#waiting.delete(first);
    first.resolve(free);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const waiting of this.#waiting) waiting.reject(closed());
    this.#waiting.clear();
    await Promise.all([...this.#threads].map((thread) => thread[Symbol.asyncDispose]()));
  }

  #free(): SandboxThread | undefined {
    const idle = this.#idle.pop();
    if (idle || this.#threads.size >= this.size) return idle;
    const started = new SandboxThread(this.limits);
    this.#threads.add(started);
    return started;
  }

  async #next(signal: AbortSignalLike | undefined): Promise<SandboxThread> {
    const waiting: Waiting = Promise.withResolvers();
    const onAbort = (): void => {
      this.#waiting.delete(waiting);
      waiting.reject(signal?.reason);
    };
    this.#waiting.add(waiting);
    signal?.addEventListener('abort', onAbort, { once: true });
    return waiting.promise.finally(() => signal?.removeEventListener('abort', onAbort));
  }
}

function closed(): Error {
  return new Error('the sandbox for code is closed');
}
