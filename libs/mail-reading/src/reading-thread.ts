import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ThreadAnswer } from './thread-messages.ts';
import type { ReadMail } from './types.ts';

/** Beside this file, and of the same kind: TypeScript as it is, or built. */
const ENTRY = new URL(`./thread${extname(import.meta.url)}`, import.meta.url);

/** Of JavaScript's values; the bytes of messages are outside of it. A message that needs more ends its thread. */
const THREAD_HEAP_MB = 512;

/** One worker thread, over for good when it is disposed, when a message takes too long and when it breaks. */
export class ReadingThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #readMs: number;
  #answer: PromiseWithResolvers<ReadMail | undefined> | undefined;
  #isOver = false;

  constructor(readMs: number) {
    this.#readMs = readMs;
    this.#worker = new Worker(ENTRY, {
      name: 'mail',
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB },
    });
    // A thread that waits for mail does not keep the process alive.
    this.#worker.unref();
    this.#worker.on('message', (mail: ThreadAnswer) => this.#answer?.resolve(mail));
    this.#worker.on('error', () => this.#end());
    this.#worker.on('exit', () => this.#end());
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** One at a time. Undefined when the thread came to its end over it. */
  async read(raw: Uint8Array): Promise<ReadMail | undefined> {
    const answer = (this.#answer = Promise.withResolvers<ReadMail | undefined>());
    if (this.#isOver) return undefined;
    const timer = setTimeout(() => this.#end(), this.#readMs);
    this.#worker.ref();
    const moved = Uint8Array.from(raw);
    this.#worker.postMessage(moved, [moved.buffer]);
    return answer.promise.finally(() => {
      clearTimeout(timer);
      this.#worker.unref();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#worker.terminate();
  }

  #end(): void {
    this.#isOver = true;
    this.#answer?.resolve(undefined);
    void this.#worker.terminate();
  }
}
