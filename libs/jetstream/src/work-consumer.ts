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
  /** It takes nothing before it is told to `resume`; default false. */
  readonly isSuspended?: boolean;
  /**
   * Resolves when the message is dealt with for good; a rejection brings it back, unless `afterFailure` says otherwise, and
   * one with GivenBack at once, to whoever takes it.
   */
  readonly work: (message: Msg, info: DeliveryInfo) => Promise<void>;
  readonly onError: (error: unknown, info: DeliveryInfo) => void;
  /** What becomes of a message whose work was rejected; when this rejects too, it comes again. Default: it comes again. */
  readonly afterFailure?: (error: unknown, message: Msg, info: DeliveryInfo) => Promise<AfterFailure>;
  readonly onGone: () => Promise<void>;
}

/** The message is dealt with after all, or comes again. */
export type AfterFailure = 'done' | { readonly againAfterMs: number };

/** Work rejects with it when it is left to somebody else; no fault, and told to nobody. */
export class GivenBack extends Error {
  override readonly name = 'GivenBack';
}

const ACK = '+ACK';
const GIVE_BACK = '-NAK';
const IN_PROGRESS = '+WPI';
/** A message that could not be dealt with comes back after this long, unless its owner says otherwise. */
export const REDELIVER_AFTER_MS = 500;

/** Works on a durable consumer's messages: as many at once as there are slots, each acknowledged after its work. */
export class WorkConsumer implements AsyncDisposable {
  readonly #inHand = new Map<Msg, Promise<void>>();
  readonly #flow: PullFlow;
  readonly #keeper: NodeJS.Timeout;
  #taking: boolean;

  constructor(
    private readonly connection: JetStreamConnection,
    private readonly options: WorkConsumerOptions,
  ) {
    this.#keeper = setInterval(() => this.#keepAlive(), options.ackWaitMs / 3).unref();
    this.#taking = !(options.isSuspended ?? false);
    this.#flow = new PullFlow(connection, {
      stream: options.stream,
      consumer: options.consumer,
      window: options.slots,
      isSuspended: !this.#taking,
      onMessage: (message) => this.#take(message),
      onGone: options.onGone,
    });
  }

  get busySlots(): number {
    return this.#flow.inHand;
  }

  /** False when as many messages are in hand as there are slots. */
  get hasRoom(): boolean {
    return this.#flow.hasRoom;
  }

  /** Takes nothing until `resume`; what is in hand goes on. */
  suspend(): void {
    this.#taking = false;
    this.#flow.suspend();
  }

  resume(): void {
    this.#taking = true;
    this.#flow.resume();
  }

  /** Takes nothing new, for good, and waits for what is in hand. */
  async drain(): Promise<void> {
    this.#taking = false;
    await this.#flow.pause();
    await Promise.all(this.#inHand.values());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#flow[Symbol.asyncDispose]();
    clearInterval(this.#keeper);
  }

  /** What was on its way when it was told to take nothing goes to somebody else at once, not after the ack wait. */
  #take(message: Msg): void {
    if (!this.#taking) {
      this.#reply(message, GIVE_BACK);
      this.#flow.release();
    } else this.#inHand.set(message, this.#work(message));
  }

  async #work(message: Msg): Promise<void> {
    const info = deliveryInfoOf(message);
    try {
      await this.options.work(message, info);
      this.#reply(message, ACK);
    } catch (error) {
      await this.#fail(message, info, error);
    } finally {
      this.#inHand.delete(message);
      this.#flow.release();
    }
  }

  async #fail(message: Msg, info: DeliveryInfo, error: unknown): Promise<void> {
    if (error instanceof GivenBack) {
      this.#reply(message, GIVE_BACK);
      return;
    }
    this.options.onError(error, info);
    const after = await this.#after(error, message, info);
    this.#reply(message, after === 'done' ? ACK : `${GIVE_BACK} {"delay": ${Math.round(after.againAfterMs * 1e6)}}`);
  }

  async #after(error: unknown, message: Msg, info: DeliveryInfo): Promise<AfterFailure> {
    const { afterFailure, onError } = this.options;
    const again = { againAfterMs: REDELIVER_AFTER_MS };
    if (!afterFailure) return again;
    return afterFailure(error, message, info).catch((fault: unknown) => {
      onError(fault, info);
      return again;
    });
  }

  #keepAlive(): void {
    for (const message of this.#inHand.keys()) this.#reply(message, IN_PROGRESS);
  }

  /** While the connection is away the reply is dropped on purpose: the ack wait runs out and the message comes again. */
  #reply(message: Msg, text: string): void {
    if (message.reply && this.connection.connected) this.connection.send(message.reply, text);
  }
}
