import { AckPolicy, jetstreamManager, type ConsumerConfig, type StreamInfo } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/nats-core';
import type { JetStreamConnection } from './connection.ts';
import { deliveryInfoOf, type DeliveryInfo } from './delivery.ts';
import { PullFlow } from './pull-flow.ts';
import { elapsed } from './elapsed.ts';

export interface StreamFollowerOptions {
  readonly stream: string;
  /** Asked at the start and after each interruption: where to go on, e.g. after the last message seen. */
  readonly startAt: (stream: StreamInfo) => Pick<ConsumerConfig, 'deliver_policy'> & Partial<ConsumerConfig>;
  /** Each message from there on, in order and without a gap. Must not throw. */
  readonly onMessage: (message: Msg, info: DeliveryInfo) => void;
  /** All has come that there was. */
  readonly onCurrent: () => void;
  /** Following was interrupted by more than a lost connection, and is taken up again. */
  readonly onFault: (error: unknown) => void;
}

const WINDOW = 1_000;
const AGAIN_AFTER_MS = 250;
/** The server forgets the consumer of a follower that died after this long. */
const INACTIVE_MS = 60_000;

/**
 * Follows a stream for as long as it lives: what a watch of the client does, except that after a lost connection it
 * looks again at once (the client waits for missing heartbeats, ten seconds and more), and that it ends without a trace.
 */
export class StreamFollower implements AsyncDisposable {
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;

  constructor(
    private readonly connection: JetStreamConnection,
    private readonly options: StreamFollowerOptions,
  ) {
    this.#running = this.#runForEver();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  async #runForEver(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      try {
        if (this.connection.connected) await this.#follow();
      } catch (error) {
        if (!signal.aborted && this.connection.connected) this.options.onFault(error);
      }
      await elapsed(AGAIN_AFTER_MS, signal);
    }
  }

  /** Until the connection is lost, the consumer is gone, a message was missed, or the follower ends. */
  async #follow(): Promise<void> {
    const { stream, startAt, onCurrent } = this.options;
    const manager = await jetstreamManager(this.connection.client, { checkAPI: false });
    const { name, num_pending } = await manager.consumers.add(stream, {
      ack_policy: AckPolicy.None,
      inactive_threshold: INACTIVE_MS * 1e6,
      mem_storage: true,
      num_replicas: 1,
      ...startAt(await manager.streams.info(stream)),
    });
    try {
      if (num_pending === 0) onCurrent();
      await this.#pull(name);
    } finally {
      if (this.connection.connected) await manager.consumers.delete(stream, name).catch(() => undefined);
    }
  }

  async #pull(consumer: string): Promise<void> {
    const { stream, onMessage, onCurrent } = this.options;
    const { signal } = this.#ended;
    const { promise: interrupted, resolve: interrupt } = Promise.withResolvers<void>();
    let expected = 1;
    await using flow = new PullFlow(this.connection, {
      stream,
      consumer,
      window: WINDOW,
      onMessage: (message) => {
        const info = deliveryInfoOf(message);
        flow.release();
        if (info.consumerSequence !== expected) return interrupt();
        expected++;
        onMessage(message, info);
        if (info.pending === 0) onCurrent();
      },
      onGone: async () => interrupt(),
    });
    // What was sent to the connection that is gone does not come again, and if it was the last, no gap shows it.
    const unobserve = this.connection.observe({ lost: interrupt });
    signal.addEventListener('abort', () => interrupt(), { once: true });
    if (signal.aborted || !this.connection.connected) interrupt();
    await interrupted;
    unobserve();
  }
}
