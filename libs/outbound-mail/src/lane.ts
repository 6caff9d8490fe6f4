import { OutboundMailError } from './errors.ts';
import type { MailJob } from './mail-job.ts';
import { Session, type SessionOptions } from './session.ts';
import { stoppedError } from './stop.ts';
import type { MailServer } from './types.ts';

export interface LaneOptions extends SessionOptions {
  readonly server: MailServer;
  /** How long a connection is kept that nobody needs. */
  readonly idleMs: number;
  /** We are signed in. */
  readonly onOpen: () => void;
  readonly onIdleEnd: (lane: Lane) => void;
}

const DEFAULT_MESSAGES_PER_CONNECTION = 100;

/**
 * What became of a job: `settled`; `again` when none of it went out and a new connection may do better; `crowded` when the
 * server lets no further connection in; `lockedOut` when it accepts no such user, so that nobody else need try.
 */
export type Carried =
  | { readonly kind: 'settled' }
  | { readonly kind: 'again' | 'crowded' | 'lockedOut'; readonly error: OutboundMailError };

/** The place of one connection in a pool: opens it, uses it for one mail after the other, and lets go of it. */
export class Lane {
  isBusy = false;
  #isClosed = false;
  readonly #options: LaneOptions;
  #session: Session | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#session?.isOpen ?? false;
  }

  async carry(job: MailJob): Promise<Carried> {
    this.isBusy = true;
    clearTimeout(this.#idleTimer);
    try {
      return await this.#carryOn(job);
    } catch (error) {
      job.reject(error instanceof Error ? error : new Error(String(error)));
      return { kind: 'settled' };
    } finally {
      this.isBusy = false;
      this.#rest();
    }
  }

  /** For good. A mail that it carries is for the pool to stop. */
  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  #drop(): void {
    clearTimeout(this.#idleTimer);
    this.#session?.close();
    this.#session = undefined;
  }

  async #carryOn(job: MailJob): Promise<Carried> {
    const reused = this.isConnected;
    const session = await this.#open(job);
    if (!(session instanceof Session)) return session;
    const mail = await job.compose(this.#options.server);
    // Composing may take a while; nothing listened to the stop meanwhile.
    if (job.stop.reason) throw stoppedError(job.stop.reason, 'compose', false);
    try {
      job.resolve(await session.send(mail, job.stop));
    } catch (error) {
      if (reused && error instanceof OutboundMailError && isStale(error)) {
        this.#drop();
        return { kind: 'again', error };
      }
      await this.#ready(session, job);
      throw error;
    }
    return { kind: 'settled' };
  }

  /** After an answer the connection serves on, after anything else it is closed. */
  async #ready(session: Session, job: MailJob): Promise<void> {
    if (!this.#isWorn(session) && !(await session.reset(job.stop))) this.#drop();
  }

  #isWorn({ answered }: Session): boolean {
    return answered >= (this.#options.server.messagesPerConnection ?? DEFAULT_MESSAGES_PER_CONNECTION);
  }

  async #open(job: MailJob): Promise<Session | Carried> {
    if (this.#session?.isOpen) return this.#session;
    this.#session = undefined;
    try {
      this.#session = await Session.open(this.#options.server, this.#options, job.stop);
      this.#options.onOpen();
      return this.#session;
    } catch (error) {
      const kind = job.stop.reason ? undefined : kindOf(error);
      if (!kind) throw error;
      return kind;
    }
  }

  #rest(): void {
    const session = this.#session;
    if (!session?.isOpen || this.#isClosed) {
      this.#drop();
      return;
    }
    if (this.#isWorn(session)) {
      this.#leave(session);
      return;
    }
    session.onEnd(() => this.#options.onIdleEnd(this));
    this.#idleTimer = setTimeout(() => {
      this.#leave(session);
      this.#options.onIdleEnd(this);
    }, this.#options.idleMs);
  }

  #leave(session: Session): void {
    clearTimeout(this.#idleTimer);
    this.#session = undefined;
    session.quit();
  }
}

function kindOf(error: unknown): Carried | undefined {
  if (!(error instanceof OutboundMailError)) return undefined;
  if (error.retryable) return { kind: 'crowded', error };
  return error.code === 'SMTP_AUTH' ? { kind: 'lockedOut', error } : undefined;
}

/** Whether a connection from before turns out to be over: none of the mail was said, or the server said 421 instead. */
function isStale({ code, phase, replyCode }: OutboundMailError): boolean {
  const beforeAnswer = phase === 'envelope' || phase === 'mail';
  return beforeAnswer && (code === 'SMTP_DISCONNECTED' || replyCode === 421);
}
