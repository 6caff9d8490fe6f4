import type { Msg, Subscription } from '@nats-io/nats-core';
import type { JetStreamConnection } from './connection.ts';

export interface PullFlowOptions {
  readonly stream: string;
  readonly consumer: string;
  /** How many messages may be in hand and on their way together. */
  readonly window: number;
  readonly onMessage: (message: Msg) => void;
  /** The server says that the consumer is gone; make it again (or end the flow). */
  readonly onGone: () => Promise<void>;
}

/** The server ends a pull that it could not fill within this time. */
const EXPIRES_MS = 30_000;
/** While a pull waits, the server says at least this often that it still knows of it. */
const IDLE_HEARTBEAT_MS = 5_000;
const TICK_MS = 1_000;

/**
 * Pulls messages of one consumer by free places: never more than `window` are in hand or on their way, so a slow owner
 * is never flooded and other processes get what it has no place for. Every message taken is given back by `release`.
 */
export class PullFlow implements AsyncDisposable {
  readonly #inbox = `_INBOX.${crypto.randomUUID().replaceAll('-', '')}`;
  /** Pulls that the server has not filled yet, oldest first; it serves them in this order. */
  readonly #pulls = new Map<string, number>();
  readonly #subscription: Subscription;
  readonly #ticker: NodeJS.Timeout;
  readonly #unobserve: () => void;
  #inHand = 0;
  #onTheWay = 0;
  #count = 0;
  #heardAt = performance.now();
  #notBefore = 0;
  #recovering = false;
  #open = true;

  constructor(
    private readonly connection: JetStreamConnection,
    private readonly options: PullFlowOptions,
  ) {
    this.#subscription = connection.client.subscribe(`${this.#inbox}.*`, { callback: (_error, m) => this.#take(m) });
    this.#ticker = setInterval(() => this.#tick(), TICK_MS).unref();
    this.#unobserve = connection.observe({ lost: () => this.#forgetPulls(), back: () => this.#ask() });
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

  /** Asks for nothing more; what is in hand stays with the owner. */
  pause(): void {
    this.#open = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open = false;
    clearInterval(this.#ticker);
    this.#unobserve();
    this.#subscription.unsubscribe();
  }

  /** One pull for all free places; a few free ones wait for more company while another pull is out. */
  #ask(): void {
    if (!this.#open || !this.connection.connected || performance.now() < this.#notBefore) return;
    const free = this.options.window - this.#inHand - this.#onTheWay;
    if (free <= 0 || (this.#onTheWay > 0 && free < this.options.window / 4)) return;
    const token = (this.#count++).toString(36);
    this.#pulls.set(token, free);
    this.#onTheWay += free;
    this.#heardAt = performance.now();
    const request = { batch: free, expires: EXPIRES_MS * 1e6, idle_heartbeat: IDLE_HEARTBEAT_MS * 1e6 };
    const { stream, consumer } = this.options;
    this.connection.send(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, JSON.stringify(request), {
      reply: `${this.#inbox}.${token}`,
    });
  }

  #take(message: Msg): void {
    this.#heardAt = performance.now();
    const status = message.headers?.code;
    if (status && message.subject.startsWith(this.#inbox)) {
      this.#takeStatus(message, status);
      return;
    }
    this.#inHand++;
    this.#countDown();
    this.options.onMessage(message);
  }

  #countDown(): void {
    const oldest = this.#pulls.entries().next().value;
    if (!oldest) return;
    const [token, left] = oldest;
    this.#onTheWay--;
    if (left > 1) this.#pulls.set(token, left - 1);
    else this.#pulls.delete(token);
  }

  /** 100 is a heartbeat; 408 an unfilled pull; the rest say why the server can't serve now. */
  #takeStatus(message: Msg, status: number): void {
    if (status === 100) return;
    this.#endPull(message.subject.slice(this.#inbox.length + 1));
    if (status !== 408) this.#notBefore = performance.now() + TICK_MS;
    const gone = status === 503 || /consumer (deleted|not found)/i.test(message.headers?.description ?? '');
    if (gone) void this.#recover();
    else this.#ask();
  }

  #endPull(token: string): void {
    this.#onTheWay -= this.#pulls.get(token) ?? 0;
    this.#pulls.delete(token);
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

  /** Also the way back after a pause, a lost pull, or a server that changed its leader and forgot us. */
  #tick(): void {
    if (this.#onTheWay > 0 && performance.now() - this.#heardAt > 2.5 * IDLE_HEARTBEAT_MS) this.#forgetPulls();
    this.#ask();
  }

  #forgetPulls(): void {
    this.#pulls.clear();
    this.#onTheWay = 0;
  }
}
