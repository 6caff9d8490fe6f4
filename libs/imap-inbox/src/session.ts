import { toInstant, type Clock, type Instant } from '#libs/kernel';
import type { FetchMessageObject, ImapFlow } from 'imapflow';
import { createClient, type Route } from './connect.ts';
import type { OpenMailbox } from './position.ts';
import { InboxTrouble, troubleOf } from './trouble.ts';
import type { Afterwards } from './types.ts';
import { Wake } from './wake.ts';
import { whileHeard } from './while-heard.ts';

export interface SessionOptions extends Omit<Route, 'connectMs' | 'idleMs'> {
  readonly mailbox: string;
  readonly afterwards: Afterwards;
  readonly renewMs: number;
  readonly pollMs: number;
  readonly connectMs: number;
  readonly silenceMs: number;
  readonly clock: Clock;
}

/** A message as a look at the mailbox has it. */
export interface Listed {
  readonly uid: number;
  readonly bytes: number;
  readonly internalDate: Instant | undefined;
}

export type Fetched =
  | {
      readonly kind: 'message';
      readonly raw: Buffer;
      readonly internalDate: Instant;
      readonly flags: readonly string[];
    }
  /** It was moved or deleted meanwhile. */
  | { readonly kind: 'gone' }
  /** Larger than the server said that it was; the connection is over. */
  | { readonly kind: 'tooLarge'; readonly bytes: number };

const GOODBYE_MS = 2_000;
/** imapflow asks the server whether it is there after this much silence more than we are silent ourselves. */
const IDLE_MARGIN_MS = 60_000;
/** Of one look at a mailbox; the next look has those that follow. */
const MOST_LISTED = 100_000;

/** One connection, with the mailbox open. What it rejects with is an InboxTrouble. */
export class InboxSession implements AsyncDisposable {
  readonly #client: ImapFlow;
  readonly #options: SessionOptions;
  readonly #redact: (text: string) => string;
  readonly #wake = new Wake();
  #opened: OpenMailbox | undefined;
  #failure: unknown;
  #canIdle = false;
  #isBusy = false;
  #isResting = false;

  private constructor(client: ImapFlow, options: SessionOptions, secret: string) {
    this.#client = client;
    this.#options = options;
    this.#redact = (text) => (secret === '' ? text : text.replaceAll(secret, '…'));
    client.on('error', (error: unknown) => {
      this.#failure ??= error;
      this.#wake.ring();
    });
    client.on('close', () => this.#wake.ring());
    client.on('exists', () => this.#wake.ring());
  }

  /** Connects, signs in and opens the mailbox; read-only where nothing is to be changed in it. */
  static async open(options: SessionOptions, signal: AbortSignal): Promise<InboxSession> {
    const route = { ...options, idleMs: options.renewMs + IDLE_MARGIN_MS };
    const { client, secret } = await createClient(route, signal).catch((error: unknown) => {
      throw troubleOf(error, (text) => text);
    });
    const session = new InboxSession(client, options, secret);
    const abort = () => client.close();
    signal.addEventListener('abort', abort, { once: true });
    try {
      if (signal.aborted) abort();
      await session.#run(() => client.connect());
      session.#opened = await session.#run(() => session.#open());
      session.#canIdle = client.capabilities.has('IDLE');
      return session;
    } catch (error) {
      client.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  get mailbox(): OpenMailbox {
    return this.#opened ?? { uidValidity: '' };
  }

  get idles(): boolean {
    return this.#canIdle;
  }

  /** What there is above this number, in order. */
  async list(afterUid: number): Promise<readonly Listed[]> {
    return this.#run(async () => {
      // Messages that came are seen by FETCH only once the server has told of them, which it does here.
      await this.#client.noop();
      this.#wake.hush();
      if (this.#client.mailbox === false || this.#client.mailbox.exists === 0) return [];
      const listed: Listed[] = [];
      const query = { uid: true, size: true, internalDate: true };
      for await (const row of this.#client.fetch(`${afterUid + 1}:*`, query, { uid: true })) {
        // `*` is the newest message, also where that is below.
        if (!row.uid || row.uid <= afterUid) continue;
        listed.push({ uid: row.uid, bytes: row.size ?? 0, internalDate: instantOf(row) });
        if (listed.length >= 2 * MOST_LISTED) keepLowest(listed);
      }
      keepLowest(listed);
      return listed;
    });
  }

  async fetch(uid: number): Promise<Fetched> {
    this.#failWhenClosed();
    try {
      return await this.#run(() => this.#fetch(uid));
    } catch (error) {
      const bytes = literalSizeIn(this.#failure);
      if (bytes === undefined) throw error;
      return { kind: 'tooLarge', bytes };
    }
  }

  /** Whether what comes after delivery was done to a message; also when it was done before. */
  async tidy(uid: number): Promise<boolean> {
    const isDone = await this.#run(() => this.#tidy(String(uid)));
    // imapflow says no to these for a server that said no and for one that is gone.
    if (!isDone) this.#failWhenClosed();
    return isDone;
  }

  /** Resolves when there may be something new, or when it is time to look. */
  async rest(): Promise<void> {
    this.#failWhenClosed();
    this.#isResting = true;
    if (this.#canIdle && !this.#wake.isRung) void this.#idle();
    await this.#wake.rings(this.#canIdle ? this.#options.renewMs : this.#options.pollMs);
    this.#isResting = false;
    this.#failWhenClosed();
  }

  /** Ends what is under way: a command at once, a rest by waking up. */
  interrupt(): void {
    if (this.#isBusy) this.#client.close();
    else this.#wake.ring();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const timer = setTimeout(() => this.#client.close(), GOODBYE_MS);
    if (this.#client.usable) await this.#client.logout().catch(() => undefined);
    clearTimeout(timer);
    this.#client.close();
  }

  async #open(): Promise<OpenMailbox> {
    const readOnly = this.#options.afterwards === 'nothing';
    const opened = await this.#client.mailboxOpen(this.#options.mailbox, { readOnly });
    // imapflow's types say more than servers do.
    const { uidValidity, uidNext, exists }: Partial<typeof opened> = opened;
    const row = exists ? await this.#client.fetchOne('*', { uid: true, internalDate: true }) : false;
    const internalDate = row ? instantOf(row) : undefined;
    const newest = row ? { uid: row.uid, ...(internalDate === undefined ? {} : { internalDate }) } : undefined;
    return {
      uidValidity: String(uidValidity ?? 0),
      ...(uidNext === undefined ? {} : { uidNext }),
      ...(newest ? { newest } : {}),
    };
  }

  async #fetch(uid: number): Promise<Fetched> {
    // Some servers answer late: who gets nothing asks once more before it is taken for gone.
    const row = (await this.#fetchOne(uid)) || (await this.#fetchOne(uid));
    if (!row) return { kind: 'gone' };
    if (!row.source) throw new InboxTrouble('IMAP_PROTOCOL', `the server has message ${uid}, and gives nothing of it`);
    const internalDate = instantOf(row) ?? toInstant(this.#options.clock.nowMs());
    return { kind: 'message', raw: row.source, internalDate, flags: [...(row.flags ?? [])] };
  }

  #fetchOne(uid: number): Promise<FetchMessageObject | false> {
    const query = { uid: true, flags: true, internalDate: true, source: true };
    return this.#client.fetchOne(String(uid), query, { uid: true });
  }

  #failWhenClosed(): void {
    if (this.#client.isClosed || this.#failure !== undefined) throw this.#trouble({ code: 'NoConnection' });
  }

  async #tidy(uid: string): Promise<boolean> {
    const { afterwards } = this.#options;
    if (afterwards === 'nothing') return true;
    if (afterwards === 'seen') return this.#client.messageFlagsAdd(uid, ['\\Seen'], { uid: true });
    if (afterwards === 'delete') return this.#delete(uid);
    if (this.#client.capabilities.has('MOVE')) return this.#moved(uid, afterwards.moveTo);
    return (await this.#client.messageCopy(uid, afterwards.moveTo, { uid: true })) !== false && this.#delete(uid);
  }

  async #moved(uid: string, path: string): Promise<boolean> {
    return (await this.#client.messageMove(uid, path, { uid: true })) !== false;
  }

  #delete(uid: string): Promise<boolean> {
    return this.#client.capabilities.has('UIDPLUS')
      ? this.#client.messageDelete(uid, { uid: true })
      : this.#client.messageFlagsAdd(uid, ['\\Deleted'], { uid: true });
  }

  /** Idles until another command is said. A server that ends it by itself is asked now and then instead. */
  async #idle(): Promise<void> {
    await this.#client.idle().catch(() => undefined);
    if (!this.#isResting || this.#client.isClosed) return;
    this.#canIdle = false;
    this.#wake.ring();
  }

  async #run<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#isBusy = true;
    try {
      return await whileHeard(this.#client, this.#options.silenceMs, work);
    } catch (error) {
      throw this.#trouble(error);
    } finally {
      this.#isBusy = false;
    }
  }

  /** What the connection ended by says more than that it ended. */
  #trouble(error: unknown): InboxTrouble {
    return troubleOf(this.#failure ?? error, this.#redact);
  }
}

function keepLowest(listed: Listed[]): void {
  listed.sort((one, other) => one.uid - other.uid);
  listed.length = Math.min(listed.length, MOST_LISTED);
}

/** What imapflow ends a connection with when more is announced than is taken. */
function literalSizeIn(failure: unknown): number | undefined {
  const isSize = typeof failure === 'object' && failure !== null && 'literalSize' in failure;
  return isSize && typeof failure.literalSize === 'number' ? failure.literalSize : undefined;
}

function instantOf({ internalDate }: FetchMessageObject): Instant | undefined {
  return internalDate instanceof Date ? toInstant(internalDate.getTime()) : undefined;
}
