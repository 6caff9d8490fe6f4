import type { Msg, Subscription } from '@nats-io/nats-core';
import type { JetStreamConnection } from './connection.ts';

export interface PullFlowOptions {
  readonly stream: string;
  readonly consumer: string;
  /** How many messages may be in hand and on their way together. */
  readonly window: number;
  /** The server ends a pull that it could not fill within this time; default 30 s. */
  readonly expiresMs?: number;
  /** It asks for nothing before `resume`; default false. */
  readonly isSuspended?: boolean;
  /** Must not throw. */
  readonly onMessage: (message: Msg) => void;
  /** The server says that the consumer is gone; make it again (or end the flow). */
  readonly onGone: () => Promise<void>;
}

const EXPIRES_MS = 30_000;
/** While a pull waits, the server says so this often in its time. */
const HEARTBEATS_OF_A_PULL = 6;
const TICK_MS = 1_000;
/** For how much longer than its time a pull may seem to live. */
const GRACE_TICKS = 5;

/**
 * Pulls messages of one consumer by free places: never more than `window` are in hand or on their way, so a slow owner
 * is never flooded and other processes get what it has no place for. Every message taken is given back by `release`.
 *
 * A message does not say which pull it fills (the server serves waiting pulls in turn), so what is on its way is one
 * number: what was asked for, less what came, less what the server says was left of a pull when it ended. When that
 * number can't be known any more (connection lost, consumer moved or gone), the flow starts over with another inbox;
 * the server drops what was asked for the old one.
 */
export class PullFlow implements AsyncDisposable {
  #inbox = '';
  #subscription: Subscription;
  readonly #ticker: NodeJS.Timeout;
  readonly #unobserve: () => void;
  #inHand = 0;
  #onTheWay = 0;
  /** What was asked for in each of the last ticks, the current one first. */
  readonly #asked = [0];
  readonly #expiresMs: number;
  readonly #heartbeatMs: number;
  #count = 0;
  #heardAt = performance.now();
  #notBefore = 0;
  #recovering = false;
  #open = true;
  #suspended: boolean;

  constructor(
    private readonly connection: JetStreamConnection,
    private readonly options: PullFlowOptions,
  ) {
    this.#suspended = options.isSuspended ?? false;
    this.#expiresMs = options.expiresMs ?? EXPIRES_MS;
    this.#heartbeatMs = this.#expiresMs / HEARTBEATS_OF_A_PULL;
    this.#subscription = this.#subscribe();
    this.#ticker = setInterval(() => this.#tick(), TICK_MS).unref();
    this.#unobserve = connection.observe({ lost: () => this.#startOver(), back: () => this.#ask() });
    this.#ask();
  }

  get inHand(): number {
    return this.#inHand;
  }

  /** A message is done with; its place may be filled again. */
  release(count = 1): void {
    this.#inHand -= count;
    this.#ask();
  }

  get hasRoom(): boolean {
    return this.#inHand < this.options.window;
  }

  /** Asks for nothing until `resume`. What is on its way still comes. */
  suspend(): void {
    if (this.#suspended || !this.#open) return;
    this.#suspended = true;
    // The server drops what was asked for an inbox that nobody listens to.
    const before = this.#subscription;
    if (this.connection.connected) void before.drain().catch(() => undefined);
    else before.unsubscribe();
    this.#renew();
  }

  resume(): void {
    this.#suspended = false;
    this.#ask();
  }

  /** Asks for nothing more, for good. What was on its way has been given to the owner when it resolves. */
  async pause(): Promise<void> {
    this.#open = false;
    if (this.#subscription.isClosed()) return;
    if (this.connection.connected) await this.#subscription.drain();
    else this.#subscription.unsubscribe();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open = false;
    clearInterval(this.#ticker);
    this.#unobserve();
    if (!this.#subscription.isClosed()) this.#subscription.unsubscribe();
  }

  /** One pull for all free places; a few free ones wait for more company while another pull is out. */
  #ask(): void {
    if (!this.#mayAsk()) return;
    const free = this.options.window - this.#inHand - this.#onTheWay;
    if (free <= 0 || (this.#onTheWay > 0 && free < this.options.window / 4)) return;
    this.#onTheWay += free;
    this.#asked[0] = (this.#asked[0] ?? 0) + free;
    this.#heardAt = performance.now();
    const request = { batch: free, expires: this.#expiresMs * 1e6, idle_heartbeat: this.#heartbeatMs * 1e6 };
    const { stream, consumer } = this.options;
    this.connection.send(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(request), {
      reply: `${this.#inbox}.${(this.#count++).toString(36)}`,
    });
  }

  #mayAsk(): boolean {
    if (!this.#open || this.#suspended || !this.connection.connected) return false;
    return performance.now() >= this.#notBefore;
  }

  #take(message: Msg, inbox: string): void {
    this.#heardAt = performance.now();
    // Decoding the headers of every message would cost more than all else here; the server's own words come to the inbox.
    const status = message.subject.startsWith(inbox) ? message.headers?.code : undefined;
    if (status) {
      if (inbox === this.#inbox) this.#takeStatus(message, status);
      return;
    }
    this.#inHand++;
    this.#lessOnTheWay(1);
    this.options.onMessage(message);
  }

  /** 100 is a heartbeat; 408 ends an unfilled pull and says what was left of it; the rest, why nothing can be had now. */
  #takeStatus({ headers }: Msg, status: number): void {
    if (status === 100) return;
    const left = headers?.get('Nats-Pending-Messages');
    if (status === 408 && left) {
      this.#lessOnTheWay(Number(left));
      this.#ask();
      return;
    }
    this.#startOver();
    this.#notBefore = performance.now() + TICK_MS;
    if (isGone(status, headers?.description)) void this.#recover();
  }

  async #recover(): Promise<void> {
    if (this.#recovering || !this.#open) return;
    this.#recovering = true;
    try {
      await this.options.onGone();
    } catch {
      // Not there yet: the next pull is answered the same way and brings us back here.
    } finally {
      this.#recovering = false;
    }
  }

  /** Also the way back after a lost pull, or a server that changed its leader and forgot us. */
  #tick(): void {
    if (this.#onTheWay > 0 && performance.now() - this.#heardAt > 2.5 * this.#heartbeatMs) this.#startOver();
    this.#asked.unshift(0);
    this.#asked.length = Math.min(this.#asked.length, Math.ceil(this.#expiresMs / TICK_MS) + GRACE_TICKS);
    // A pull that was lost never says what was left of it; but none outlives its time.
    this.#onTheWay = Math.min(
      this.#onTheWay,
      this.#asked.reduce((sum, asked) => sum + asked, 0),
    );
    this.#ask();
  }

  #lessOnTheWay(count: number): void {
    this.#onTheWay = Math.max(0, this.#onTheWay - count);
  }

  #startOver(): void {
    if (!this.#open || this.connection.client.isClosed()) return;
    this.#subscription.unsubscribe();
    this.#renew();
  }

  #renew(): void {
    this.#subscription = this.#subscribe();
    this.#onTheWay = 0;
    this.#asked.fill(0);
  }

  #subscribe(): Subscription {
    const inbox = `_INBOX.${crypto.randomUUID().replaceAll('-', '')}`;
    this.#inbox = inbox;
    return this.connection.client.subscribe(`${inbox}.*`, {
      callback: (error, message) => {
        // With an error (a missing permission) there is no message.
        if (!error) this.#take(message, inbox);
      },
    });
  }
}

/** Nobody answers for the consumer, or it was deleted while we waited; of 409 only the text says which one it is (ADR-37). */
function isGone(status: number, description = ''): boolean {
  return status === 503 || /(consumer|stream) deleted/i.test(description);
}
