import type { Msg } from '@nats-io/nats-core';
import type { JetStreamConnection } from './connection.ts';
import { deliveryInfoOf, type DeliveryInfo } from './delivery.ts';
import { PullFlow } from './pull-flow.ts';

export interface WorkConsumerOptions {
  readonly stream: string;
  readonly consumer: string;
  /** Messages worked on at once. */
  readonly slots: number;
  /** The consumer's ack wait; messages in hand are kept alive three times in it. */
  readonly ackWaitMs: number;
  /** Resolves when the message is dealt with for good; a rejection brings it back, unless `afterFailure` says otherwise. */
  readonly work: (message: Msg, info: DeliveryInfo) => Promise<void>;
  readonly onError: (error: unknown, info: DeliveryInfo) => void;
  /** What becomes of a message whose work was rejected; when this rejects too, it comes again. Default: it comes again. */
  readonly afterFailure?: (error: unknown, message: Msg, info: DeliveryInfo) => Promise<AfterFailure>;
  readonly onGone: () => Promise<void>;
}

/** The message is dealt with after all, or comes again. */
export type AfterFailure = 'done' | { readonly againAfterMs: number };

const ACK = '+ACK';
const IN_PROGRESS = '+WPI';
/** A message that could not be dealt with comes back after this long, unless its owner says otherwise. */
export const REDELIVER_AFTER_MS = 500;

/** Works on a durable consumer's messages: as many at once as there are slots, each acknowledged after its work. */
export class WorkConsumer implements AsyncDisposable {
  readonly #inHand = new Map<Msg, Promise<void>>();
  readonly #flow: PullFlow;
  readonly #keeper: NodeJS.Timeout;
  #draining = false;

  constructor(
    private readonly connection: JetStreamConnection,
    private readonly options: WorkConsumerOptions,
  ) {
    this.#keeper = setInterval(() => this.#keepAlive(), options.ackWaitMs / 3).unref();
    this.#flow = new PullFlow(connection, {
      stream: options.stream,
      consumer: options.consumer,
      window: options.slots,
      onMessage: (message) => this.#take(message),
      onGone: options.onGone,
    });
  }

  get busySlots(): number {
    return this.#flow.inHand;
  }

  /** Takes nothing new and waits for what is in hand. */
  async drain(): Promise<void> {
    this.#draining = true;
    await this.#flow.pause();
    await Promise.all(this.#inHand.values());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#flow[Symbol.asyncDispose]();
    clearInterval(this.#keeper);
  }

  /** What was on its way when draining began goes to somebody else at once, not after the ack wait. */
  #take(message: Msg): void {
    if (this.#draining) {
      this.#reply(message, '-NAK');
      this.#flow.release();
    } else this.#inHand.set(message, this.#work(message));
  }

  async #work(message: Msg): Promise<void> {
    const info = deliveryInfoOf(message);
    try {
      await this.options.work(message, info);
      this.#reply(message, ACK);
    } catch (error) {
      this.options.onError(error, info);
      this.#reply(message, await this.#replyAfter(error, message, info));
    } finally {
      this.#inHand.delete(message);
      this.#flow.release();
    }
  }

  async #replyAfter(error: unknown, message: Msg, info: DeliveryInfo): Promise<string> {
    const again: AfterFailure = { againAfterMs: REDELIVER_AFTER_MS };
    const { afterFailure } = this.options;
    const next = afterFailure
      ? await afterFailure(error, message, info).catch((fault: unknown) => {
          this.options.onError(fault, info);
          return again;
        })
      : again;
    return next === 'done' ? ACK : `-NAK {"delay": ${Math.round(next.againAfterMs * 1e6)}}`;
  }

  #keepAlive(): void {
    for (const message of this.#inHand.keys()) this.#reply(message, IN_PROGRESS);
  }

  /** While the connection is away the reply is dropped on purpose: the ack wait runs out and the message comes again. */
  #reply(message: Msg, text: string): void {
    if (message.reply && this.connection.connected) this.connection.send(message.reply, text);
  }
}
