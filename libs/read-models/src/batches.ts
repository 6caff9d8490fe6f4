import type { Msg } from '@nats-io/nats-core';
import { deliveryInfoOf, PullFlow, type DeliveryInfo, type JetStreamConnection } from '#libs/jetstream';
import type { StreamMessage } from './batch-projection.ts';

/** A batch is applied when it has this many messages, or when its first has waited long enough. */
export const BATCH_SIZE = 500;
/** After a batch of this many the stream counts as busy. */
const BUSY_BATCH = 16;

/** How long the first message of a batch waits for company. */
export interface BatchWaits {
  readonly idleMs: number;
  /** Under load, when even so short a wait brings a busy batch. */
  readonly busyMs: number;
  /** While there is more in the stream, however long that takes; when there is not, none at all. */
  readonly fill?: true;
}

/** Long enough under load that most executions change several times within a batch and are written once. */
const DEFAULT_WAITS: BatchWaits = { idleMs: 20, busyMs: 100 };

export interface BatchesOptions {
  readonly stream: string;
  readonly consumer: string;
  readonly signal: AbortSignal;
  readonly waits?: BatchWaits | undefined;
  /** Of a full batch; default BATCH_SIZE. */
  readonly size?: number | undefined;
}

type Received = StreamMessage & DeliveryInfo;

/** Collects what arrives into batches; at most two batches are held, the rest waits at the server. */
export class Batches implements AsyncDisposable {
  readonly #flow: PullFlow;
  readonly #unobserve: () => void;
  readonly #received: Received[] = [];
  readonly #onEnd = (): void => this.#wake();
  #wake: () => void = () => undefined;
  #fault: Error | undefined;
  #expected = 1;
  #firstAt = 0;
  readonly #waits: BatchWaits;
  #waitMs: number;
  readonly #size: number;

  constructor(
    connection: JetStreamConnection,
    private readonly options: BatchesOptions,
  ) {
    const { stream, consumer, signal, waits = DEFAULT_WAITS, size = BATCH_SIZE } = options;
    this.#size = size;
    this.#waits = waits;
    this.#waitMs = waits.idleMs;
    this.#flow = new PullFlow(connection, {
      stream,
      consumer,
      window: 2 * size,
      onMessage: (message) => this.#receive(message),
      onGone: async () => this.#fail(new Error(`the consumer of ${stream} is gone`)),
    });
    // What was sent to the connection that is gone does not come again, and if it was the last, no gap shows it.
    this.#unobserve = connection.observe({ lost: () => this.#fail(new Error(`the connection was lost`)) });
    signal.addEventListener('abort', this.#onEnd, { once: true });
  }

  /** The next batch, of up to `size`; an empty one when the projector ends. Rejects when messages were missed. */
  async next(size: number): Promise<Received[]> {
    const { signal } = this.options;
    for (let waitMs = this.#leftMs(); waitMs > 0; waitMs = this.#leftMs()) await this.#sleep(waitMs);
    if (this.#fault) throw this.#fault;
    if (signal.aborted) return [];
    const batch = this.#received.splice(0, size);
    this.#waitMs = batch.length >= BUSY_BATCH ? this.#waits.busyMs : this.#waits.idleMs;
    return batch;
  }

  /** How long a batch may still wait for company; for ever while there is nothing to apply. */
  #leftMs(): number {
    if (this.options.signal.aborted || this.#fault || this.#received.length >= this.#size) return 0;
    const newest = this.#received.at(-1);
    if (!newest) return Infinity;
    if (this.#waits.fill) return newest.pending === 0 ? 0 : Infinity;
    return this.#firstAt + this.#waitMs - performance.now();
  }

  done(count: number): void {
    this.#flow.release(count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.options.signal.removeEventListener('abort', this.#onEnd);
    this.#unobserve();
    await this.#flow[Symbol.asyncDispose]();
  }

  #receive(message: Msg): void {
    const info = deliveryInfoOf(message);
    if (info.consumerSequence !== this.#expected) {
      this.#fail(new Error(`${this.options.stream}: message ${this.#expected} of the consumer was missed`));
      return;
    }
    this.#expected++;
    if (this.#received.length === 0) this.#firstAt = performance.now();
    this.#received.push({ ...info, subject: message.subject, data: message.data });
    if (this.#isWorthALook(info)) this.#wake();
  }

  #isWorthALook({ pending }: DeliveryInfo): boolean {
    const { length } = this.#received;
    return length === 1 || length === this.#size || (this.#waits.fill === true && pending === 0);
  }

  #fail(error: Error): void {
    this.#fault ??= error;
    this.#wake();
  }

  /** Until woken, at the longest `ms`. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = Number.isFinite(ms) ? setTimeout(resolve, ms) : undefined;
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
