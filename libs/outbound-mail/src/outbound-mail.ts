import type { Clock } from '#libs/kernel';
import { createWall, type DestinationLists, type ResolveAll } from '#libs/outbound-wall';
import type { Timeouts } from './connect.ts';
import { DEFAULT_SEND_TIMEOUT_MS, MailJob } from './mail-job.ts';
import { MailPool, tooMany } from './pool.ts';
import { Session, type SessionOptions } from './session.ts';
import { stoppedError, Stop } from './stop.ts';
import type { CheckedServer, Mail, MailServer, OutboundMail, SendOptions } from './types.ts';

export const OUTBOUND_MAIL_DEFAULTS = {
  sendTimeoutMs: DEFAULT_SEND_TIMEOUT_MS,
  idleMs: 60_000,
  maxPools: 200,
  maxWaiting: 1_000,
  timeouts: { dnsMs: 10_000, connectMs: 10_000, greetingMs: 10_000, socketMs: 60_000 },
} as const;

export interface OutboundMailOptions extends DestinationLists {
  readonly clock: Clock;
  /** How names become addresses; default the system's resolver. */
  readonly resolveAll?: ResolveAll;
  /** How long a connection is kept that nobody needs. Default 60,000. */
  readonly idleMs?: number;
  /** Servers with connections at a time, default 200; for one more, the one used longest ago that is idle goes. */
  readonly maxPools?: number;
  /** Mails that wait for a connection, of one server; default 1,000. One more fails with SMTP_CONNECT. */
  readonly maxWaiting?: number;
  readonly timeouts?: Partial<Timeouts>;
  /** What we call ourselves to servers; default the machine's name. */
  readonly ehloName?: string;
}

/** A client with its own connections; one a process. Dispose it to end what is under way and to close them. */
export function createOutboundMail(options: OutboundMailOptions): OutboundMail {
  return new PooledMail(options);
}

class PooledMail implements OutboundMail {
  readonly #options: OutboundMailOptions;
  readonly #session: SessionOptions;
  /** By the key of the server, the one used last at the end. */
  readonly #pools = new Map<string, MailPool>();
  readonly #checks = new Set<Stop>();
  #isClosed = false;

  constructor(options: OutboundMailOptions) {
    this.#options = options;
    this.#session = {
      wall: createWall(options),
      resolveAll: options.resolveAll,
      timeouts: { ...OUTBOUND_MAIL_DEFAULTS.timeouts, ...options.timeouts },
      ehloName: options.ehloName,
      goodbyes: new Set(),
    };
  }

  async send(server: MailServer, mail: Mail, options: SendOptions = {}) {
    this.#refuseWhenClosed();
    const job = new MailJob(mail, options);
    const pool = this.#poolOf(server);
    if (pool) pool.submit(job);
    else job.reject(tooMany('connections to too many servers are in use'));
    return job.done;
  }

  async check(server: MailServer, { signal, timeoutMs }: SendOptions = {}): Promise<CheckedServer> {
    this.#refuseWhenClosed();
    const stop = new Stop(timeoutMs ?? OUTBOUND_MAIL_DEFAULTS.sendTimeoutMs, signal);
    this.#checks.add(stop);
    try {
      const session = await Session.open(server, this.#session, stop);
      const { encrypted, authenticated } = session;
      session.quit();
      return { encrypted, authenticated };
    } finally {
      this.#checks.delete(stop);
      stop.release();
    }
  }

  held() {
    const held = { pools: this.#pools.size, connections: 0, waiting: 0 };
    for (const pool of this.#pools.values()) {
      held.connections += pool.held.connections;
      held.waiting += pool.held.waiting;
    }
    return held;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const stop of this.#checks) stop.stop('closed');
    for (const pool of this.#pools.values()) pool.close();
    this.#pools.clear();
    for (const session of this.#session.goodbyes) session.close();
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed) throw stoppedError('closed', 'queue', false);
  }

  #poolOf(server: MailServer): MailPool | undefined {
    const known = this.#pools.get(server.key);
    if (!known && !this.#makeRoom()) return undefined;
    const pool = known ?? this.#createPool(server);
    this.#pools.delete(server.key);
    this.#pools.set(server.key, pool);
    return pool;
  }

  #makeRoom(): boolean {
    if (this.#pools.size < (this.#options.maxPools ?? OUTBOUND_MAIL_DEFAULTS.maxPools)) return true;
    const oldest = [...this.#pools].find(([, pool]) => pool.isIdle);
    if (!oldest) return false;
    this.#pools.delete(oldest[0]);
    oldest[1].close();
    return true;
  }

  #createPool(server: MailServer): MailPool {
    const { clock, idleMs, maxWaiting } = this.#options;
    const pool: MailPool = new MailPool({
      ...this.#session,
      server,
      clock,
      idleMs: idleMs ?? OUTBOUND_MAIL_DEFAULTS.idleMs,
      maxWaiting: maxWaiting ?? OUTBOUND_MAIL_DEFAULTS.maxWaiting,
      onEmpty: () => {
        if (this.#pools.get(server.key) === pool) this.#pools.delete(server.key);
      },
    });
    return pool;
  }
}
