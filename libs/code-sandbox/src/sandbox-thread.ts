import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { AbortSignalLike } from '#libs/node-kit';
import { THREAD_HEAP_MB, THREAD_START_MS } from './limits.ts';
import {
  THREAD_READY,
  type EngineLimits,
  type ThreadAnswer,
  type ThreadMessage,
  type ThreadRequest,
} from './thread-messages.ts';

/** Beside this file, and of the same kind: TypeScript as it is, or built. */
const ENTRY = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);

/**
 * One worker thread: starting, then ready and running by turns, then over for good. It is over when it is disposed, when
 * a run takes too long or is aborted, and when it breaks.
 */
export class SandboxThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #limits: EngineLimits;
  readonly #ready = Promise.withResolvers<void>();
  /** Rejects when the thread is over. */
  readonly #over = Promise.withResolvers<never>();
  #answer: PromiseWithResolvers<ThreadAnswer> | undefined;
  #isOver = false;

  constructor(limits: EngineLimits) {
    this.#limits = limits;
    this.#worker = new Worker(ENTRY, {
      name: 'code',
      workerData: limits,
      // Nothing of this process's, neither its variables nor its flags.
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB },
    });
    this.#over.promise.catch(() => undefined);
    this.#worker.on('message', (message: ThreadMessage) => this.#hear(message));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', (code) => this.#end(new Error(`a thread for code ended with ${code}`)));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** One at a time. Rejects with the signal's reason, or with why the thread is over. */
  async run(request: ThreadRequest, signal: AbortSignalLike | undefined): Promise<ThreadAnswer> {
    const onAbort = (): void => this.#end(signal?.reason);
    if (signal?.aborted) throw signal.reason;
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await this.#started();
      return await this.#answered(request);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(new Error('the sandbox for code is closed'));
    await this.#worker.terminate();
  }

  async #started(): Promise<void> {
    const late = (): void => this.#end(new Error(`a thread for code took more than ${THREAD_START_MS} ms to start`));
    const timer = setTimeout(late, THREAD_START_MS);
    await Promise.race([this.#ready.promise, this.#over.promise]).finally(() => clearTimeout(timer));
  }

  /** A thread in a native call hears nothing, so it is ended when the time is over. */
  async #answered(request: ThreadRequest): Promise<ThreadAnswer> {
    const answer = (this.#answer = Promise.withResolvers<ThreadAnswer>());
    const timer = setTimeout(() => {
      answer.resolve({ kind: 'limit', limit: 'time' });
      this.#end(new Error('the code took too long'));
    }, this.#limits.wallMs);
    this.#worker.postMessage(request);
    return Promise.race([answer.promise, this.#over.promise]).finally(() => clearTimeout(timer));
  }

  #hear(message: ThreadMessage): void {
    if (message === THREAD_READY) this.#ready.resolve();
    else this.#answer?.resolve(message);
  }

  #end(reason: unknown): void {
    this.#isOver = true;
    this.#over.reject(reason);
    void this.#worker.terminate();
  }
}
