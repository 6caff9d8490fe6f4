import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import type { ReadingAnswer, ReadingRequest } from './reading-messages.ts';
import type { ReadMail } from './types.ts';

/** Beside this file, and of the same kind: TypeScript as it is, or built. */
const ENTRY = new URL(`./reading-entry${extname(import.meta.url)}`, import.meta.url);

/** Of JavaScript's values; the bytes of messages are outside of it. A message that needs more ends its process. */
const HEAP_MB = 512;

/**
 * One process that reads, over for good when it is disposed, when a message takes too long and when it breaks. Strangers
 * send what it reads, and a thread whose heap ends may take the whole process with it (nodejs/node#47224).
 */
export class ReadingProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #readMs: number;
  #answer: PromiseWithResolvers<ReadMail | undefined> | undefined;
  #isOver = false;

  constructor(readMs: number) {
    this.#readMs = readMs;
    this.#child = fork(ENTRY, {
      env: {},
      execArgv: [`--max-old-space-size=${HEAP_MB}`],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#exited = once(this.#child, 'exit').catch(() => undefined);
    this.#child.on('message', (answer) => this.#answer?.resolve((answer as ReadingAnswer).mail));
    this.#child.on('error', () => this.#end());
    this.#child.on('exit', () => this.#end());
    this.#unref();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** One at a time. Undefined when the process came to its end over it. */
  async read(raw: Uint8Array): Promise<ReadMail | undefined> {
    const answer = (this.#answer = Promise.withResolvers<ReadMail | undefined>());
    if (this.#isOver) return undefined;
    const timer = setTimeout(() => this.#end(), this.#readMs);
    this.#child.ref();
    this.#child.channel?.ref();
    // Whether it was written does not matter: a process that can't be written to has ended, and says so.
    this.#child.send({ raw } satisfies ReadingRequest, () => undefined);
    return answer.promise.finally(() => {
      clearTimeout(timer);
      this.#unref();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#exited;
  }

  /** One that waits for mail does not keep the process alive. */
  #unref(): void {
    this.#child.unref();
    this.#child.channel?.unref();
  }

  #end(): void {
    this.#isOver = true;
    this.#answer?.resolve(undefined);
    this.#child.kill('SIGKILL');
  }
}
