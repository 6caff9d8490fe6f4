import { MailReaderError } from './errors.ts';
import { readMail, withSafeNames } from './read-mail.ts';
import { readHead } from './read-raw.ts';
import { ReadingProcess } from './reading-process.ts';
import type { ReadMail } from './types.ts';

export interface MailReader extends AsyncDisposable {
  /** Rejects with a MailReaderError alone: when too many wait, or when the reader is closed. */
  read(raw: Uint8Array): Promise<ReadMail>;
}

export interface MailReaderOptions {
  /** Large messages read at once. Default 1. */
  readonly processes?: number;
  /** What is smaller, and has no more than 1,000 lines, is read where it is. Default 32 KiB. */
  readonly inlineBelowBytes?: number;
  /** Large messages that wait for a process. Default 32. */
  readonly maxWaiting?: number;
  /** What takes longer in a process is given up. Default 30 s. */
  readonly readMs?: number;
}

const DEFAULTS = { processes: 1, inlineBelowBytes: 32 * 1024, maxWaiting: 32, readMs: 30_000 };

/** Reads mail without keeping the event loop from its work. No process is started before the first large message. */
export function createMailReader(options: MailReaderOptions = {}): MailReader {
  return new MailReaderOfProcesses({ ...DEFAULTS, ...options });
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

/** Processes start when they are needed and stay; one that is over is replaced when the next message needs one. */
class MailReaderOfProcesses implements MailReader {
  readonly #options: Required<MailReaderOptions>;
  readonly #processes = new Set<ReadingProcess>();
  readonly #idle: ReadingProcess[] = [];
  readonly #waiting: PromiseWithResolvers<ReadingProcess>[] = [];
  #isClosed = false;

  constructor(options: Required<MailReaderOptions>) {
    this.#options = options;
  }

  async read(raw: Uint8Array): Promise<ReadMail> {
    if (this.#isClosed) throw new MailReaderError('READER_CLOSED');
    if (isQuickToRead(raw, this.#options.inlineBelowBytes)) return readMail(raw);
    const process = await this.#take();
    const mail = await process.read(raw).finally(() => this.#giveBack(process));
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
    await Promise.all([...this.#processes].map((process) => process[Symbol.asyncDispose]()));
  }

  async #take(): Promise<ReadingProcess> {
    const free = this.#free();
    if (free) return free;
    if (this.#waiting.length >= this.#options.maxWaiting) throw new MailReaderError('READER_BUSY');
    const waiting = Promise.withResolvers<ReadingProcess>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  #giveBack(process: ReadingProcess): void {
    if (process.isOver) this.#processes.delete(process);
    else this.#idle.push(process);
    if (this.#waiting.length === 0 || this.#isClosed) return;
    const free = this.#free();
    if (free) this.#waiting.shift()?.resolve(free);
  }

  #free(): ReadingProcess | undefined {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (!idle.isOver) return idle;
      this.#processes.delete(idle);
    }
    if (this.#processes.size >= this.#options.processes) return undefined;
    const started = new ReadingProcess(this.#options.readMs);
    this.#processes.add(started);
    return started;
  }
}
