import { MailReaderError } from './errors.ts';
import { readMail, withSafeNames } from './read-mail.ts';
import { readHead } from './read-raw.ts';
import { ReadingThread } from './reading-thread.ts';
import type { ReadMail } from './types.ts';

export interface MailReader extends AsyncDisposable {
  /** Rejects with a MailReaderError alone: when too many wait, or when the reader is closed. */
  read(raw: Uint8Array): Promise<ReadMail>;
}

export interface MailReaderOptions {
  /** Large messages read at once. Default 1. */
  readonly threads?: number;
  /** What is smaller, and has no more than 1,000 lines, is read in the calling thread. Default 32 KiB. */
  readonly inlineBelowBytes?: number;
  /** Large messages that wait for a thread. Default 32. */
  readonly maxWaiting?: number;
  /** What takes longer in a thread is given up. Default 30 s. */
  readonly readMs?: number;
}

const DEFAULTS = { threads: 1, inlineBelowBytes: 32 * 1024, maxWaiting: 32, readMs: 30_000 };

/** Reads mail without keeping the event loop from its work. No thread is started before the first large message. */
export function createMailReader(options: MailReaderOptions = {}): MailReader {
  return new ThreadedMailReader({ ...DEFAULTS, ...options });
}

/** Measured: a line takes up to 17 µs, a byte up to 1 µs. */
const MOST_LINES_INLINE = 1_000;
const LF = 0x0a;

function isQuickToRead(raw: Uint8Array, belowBytes: number): boolean {
  if (raw.byteLength >= belowBytes) return false;
  let lines = 0;
  for (let at = raw.indexOf(LF); at >= 0; at = raw.indexOf(LF, at + 1)) lines++;
  return lines <= MOST_LINES_INLINE;
}

/** Threads start when they are needed and stay; one that is over is replaced when the next message needs one. */
class ThreadedMailReader implements MailReader {
  readonly #options: Required<MailReaderOptions>;
  readonly #threads = new Set<ReadingThread>();
  readonly #idle: ReadingThread[] = [];
  readonly #waiting: PromiseWithResolvers<ReadingThread>[] = [];
  #isClosed = false;

  constructor(options: Required<MailReaderOptions>) {
    this.#options = options;
  }

  async read(raw: Uint8Array): Promise<ReadMail> {
    if (this.#isClosed) throw new MailReaderError('READER_CLOSED');
    if (isQuickToRead(raw, this.#options.inlineBelowBytes)) return readMail(raw);
    const thread = await this.#take();
    const mail = await thread.read(raw).finally(() => this.#giveBack(thread));
    if (mail) return withSafeNames(mail);
    if (this.#isClosed) throw new MailReaderError('READER_CLOSED');
    return readHead(
      raw,
      'the message took too long to read, or too much memory: only its headers and its raw text were',
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const waiting of this.#waiting.splice(0)) waiting.reject(new MailReaderError('READER_CLOSED'));
    await Promise.all([...this.#threads].map((thread) => thread[Symbol.asyncDispose]()));
  }

  async #take(): Promise<ReadingThread> {
    const free = this.#free();
    if (free) return free;
    if (this.#waiting.length >= this.#options.maxWaiting) throw new MailReaderError('READER_BUSY');
    const waiting = Promise.withResolvers<ReadingThread>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  #giveBack(thread: ReadingThread): void {
    if (thread.isOver) this.#threads.delete(thread);
    else this.#idle.push(thread);
    if (this.#waiting.length === 0 || this.#isClosed) return;
    const free = this.#free();
    if (free) this.#waiting.shift()?.resolve(free);
  }

  #free(): ReadingThread | undefined {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (!idle.isOver) return idle;
      this.#threads.delete(idle);
    }
    if (this.#threads.size >= this.#options.threads) return undefined;
    const started = new ReadingThread(this.#options.readMs);
    this.#threads.add(started);
    return started;
  }
}
