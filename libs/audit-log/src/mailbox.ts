import { ConcurrencyConflict, LogUnavailableError } from '#libs/event-sourcing';
import type { AuditEntry, AuditFact } from './entry.ts';

export interface MailboxParts<Tail> {
  /** Where the log ends now. */
  readonly readTail: () => Promise<Tail>;
  /** Throws ConcurrencyConflict when the log does not end there any more. */
  readonly append: (
    tail: Tail,
    facts: readonly AuditFact[],
  ) => Promise<{ readonly entries: readonly AuditEntry[]; readonly tail: Tail }>;
}

interface Waiting {
  readonly fact: AuditFact;
  readonly bytes: number;
  readonly resolve: (entry: AuditEntry) => void;
  readonly reject: (error: unknown) => void;
}

/** What waits beyond this is turned away: its callers wait as well. */
export const MAX_WAITING = 2_000;
/** A message has at most so many entries and, but for one that is larger alone, bytes: far below what NATS takes. */
export const MAX_BATCH = { entries: 256, bytes: 256 * 1024 } as const;
/** Against other processes; each lost race means that somebody else was stored. */
const MAX_CONFLICTS = 50;

/** Appends one batch at a time; what comes while one is under way is the next. */
export class Mailbox<Tail> {
  #waiting: Waiting[] = [];
  #isRunning = false;
  #tail: Tail | undefined;

  constructor(private readonly parts: MailboxParts<Tail>) {}

  append(fact: AuditFact): Promise<AuditEntry> {
    if (this.#waiting.length >= MAX_WAITING)
      return Promise.reject(new LogUnavailableError('the audit log takes no more at the moment', { code: 'LOG_BUSY' }));
    return new Promise((resolve, reject) => {
      // What JSON does not keep must not be hashed.
      const text = JSON.stringify(fact);
      this.#waiting.push({ fact: JSON.parse(text) as AuditFact, bytes: text.length, resolve, reject });
      if (this.#isRunning) return;
      this.#isRunning = true;
      // At the end of this turn of the event loop: all requests that it brought go together.
      setImmediate(() => void this.#run());
    });
  }

  /** Never throws: each batch has somebody who is told. */
  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#nextBatch();
      try {
        const entries = await this.#stored(batch.map(({ fact }) => fact));
        for (const [place, entry] of entries.entries()) batch[place]?.resolve(entry);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isRunning = false;
  }

  #nextBatch(): readonly Waiting[] {
    let bytes = 0;
    const end = this.#waiting.findIndex((one, place) => {
      bytes += one.bytes;
      return place > 0 && (place >= MAX_BATCH.entries || bytes > MAX_BATCH.bytes);
    });
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
  }

  async #stored(facts: readonly AuditFact[]): Promise<readonly AuditEntry[]> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      const before = this.#tail ?? (await this.parts.readTail());
      // Known again only when this append is known to be the end.
      this.#tail = undefined;
      try {
        const { entries, tail } = await this.parts.append(before, facts);
        this.#tail = tail;
        return entries;
      } catch (error) {
        if (!(error instanceof ConcurrencyConflict)) throw error;
      }
    }
    throw new LogUnavailableError('others write the audit log all the time', { code: 'LOG_BUSY' });
  }
}
