import { AckPolicy, DeliverPolicy, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/nats-core';
import { deliveryInfoOf, PullFlow, type DeliveryInfo, type JetStreamConnection } from '#libs/jetstream';
import { InvariantError } from '#libs/kernel';
import { openCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { Database } from './database.ts';

/** One message of the stream, still undecoded. */
export interface StreamMessage {
  readonly data: Uint8Array;
  readonly sequence: number;
}

/** Turns messages into rows. */
export interface BatchProjection {
  /** Applies the batch and moves the checkpoint to `to`, both or neither; false when the checkpoint was not `from`. */
  apply(batch: readonly StreamMessage[], move: { readonly from: Checkpoint; readonly to: number }): Promise<boolean>;
  /** Forgets what it keeps between batches: the next one may not follow the last. */
  reset(): void;
}

export interface ProjectorObserver {
  applied(stream: string, batch: { readonly size: number; readonly sequence: number; readonly pending: number }): void;
  failed(stream: string, error: unknown): void;
}

export interface StreamProjectorParts {
  readonly connection: JetStreamConnection;
  readonly database: Database;
  readonly stream: string;
  readonly projection: BatchProjection;
  readonly observer: ProjectorObserver;
}

/** A batch is applied when it has this many messages, or when its first has waited this long. */
const BATCH_SIZE = 500;
const BATCH_WAIT_MS = 20;
/**
 * Under load, when even so short a wait brings this many, a batch waits longer: most executions then change several times
 * within it and are written once.
 */
const BUSY_BATCH = 16;
const BUSY_BATCH_WAIT_MS = 100;
/** After a fault (Postgres away, the log away) the stream is taken up again this much later. */
const AGAIN_AFTER_MS = 500;
/** The server forgets the consumer of a projector that died after this long. */
const INACTIVE_MS = 60_000;

/** The log is not the one that the read models were made from, or it went back. Needs a person; nothing was written. */
export class LogRolledBackError extends InvariantError {}

/**
 * Applies one stream to the read models, in order and each message once: it reads from the checkpoint on, and the
 * checkpoint moves with the rows. It keeps no position anywhere else, so a restart, a second projector or a lost
 * connection all mean the same: read the checkpoint and go on.
 */
export class StreamProjector implements AsyncDisposable {
  readonly #ended = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly parts: StreamProjectorParts) {}

  start(): void {
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
        await this.#follow();
      } catch (error) {
        if (signal.aborted) return;
        this.parts.observer.failed(this.parts.stream, error);
        await elapsed(AGAIN_AFTER_MS, signal);
      }
    }
  }

  /** Follows the stream until something goes wrong or the projector ends. */
  async #follow(): Promise<void> {
    const { connection, database, stream, projection } = this.parts;
    connection.ensureConnected();
    projection.reset();
    const manager = await jetstreamManager(connection.client, { checkAPI: false });
    const { created, state } = await manager.streams.info(stream);
    const checkpoint = await openCheckpoint(database, stream, created);
    ensureSameLog(checkpoint, { created, lastSequence: state.last_seq });
    const consumer = await ephemeralConsumer(manager, stream, checkpoint.sequence + 1);
    const batches = new Batches(connection, { stream, consumer, signal: this.#ended.signal });
    try {
      await this.#applyAll(batches, checkpoint);
    } finally {
      await batches[Symbol.asyncDispose]();
      await manager.consumers.delete(stream, consumer).catch(() => undefined);
    }
  }

  async #applyAll(batches: Batches, start: Checkpoint): Promise<void> {
    const { stream, projection, observer } = this.parts;
    let from = start;
    for (;;) {
      const batch = await batches.next();
      const last = batch.at(-1);
      if (!last) return;
      const to = last.sequence;
      if (!(await projection.apply(batch, { from, to }))) return;
      from = { ...from, sequence: to };
      batches.done(batch.length);
      observer.applied(stream, { size: batch.length, sequence: to, pending: last.pending });
    }
  }
}

function ensureSameLog(checkpoint: Checkpoint, log: { created: string; lastSequence: number }): void {
  const { stream, createdAt, sequence } = checkpoint;
  if (createdAt !== log.created) {
    throw new LogRolledBackError(
      `${stream} was created at ${log.created}, the read models follow one of ${createdAt}: it was replaced. ` +
        'Restore the log, or rebuild the read models from this one.',
    );
  }
  if (log.lastSequence < sequence) {
    throw new LogRolledBackError(
      `${stream} ends at ${log.lastSequence}, the read models have applied ${sequence}: the log went back. ` +
        'Restore the log, or rebuild the read models from this one.',
    );
  }
}

async function ephemeralConsumer(manager: JetStreamManager, stream: string, from: number): Promise<string> {
  const { name } = await manager.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: from,
    inactive_threshold: INACTIVE_MS * 1e6,
    mem_storage: true,
    num_replicas: 1,
  });
  return name;
}

type Received = StreamMessage & DeliveryInfo;

/** Collects what arrives into batches; at most two batches are held, the rest waits at the server. */
class Batches implements AsyncDisposable {
  readonly #flow: PullFlow;
  readonly #received: Received[] = [];
  readonly #onEnd = (): void => this.#wake();
  #wake: () => void = () => undefined;
  #fault: Error | undefined;
  #expected = 1;
  #firstAt = 0;
  #waitMs = BATCH_WAIT_MS;

  constructor(
    connection: JetStreamConnection,
    private readonly options: { readonly stream: string; readonly consumer: string; readonly signal: AbortSignal },
  ) {
    const { stream, consumer, signal } = options;
    this.#flow = new PullFlow(connection, {
      stream,
      consumer,
      window: 2 * BATCH_SIZE,
      onMessage: (message) => this.#receive(message),
      onGone: async () => this.#fail(new Error(`the consumer of ${stream} is gone`)),
    });
    signal.addEventListener('abort', this.#onEnd, { once: true });
  }

  /** The next batch; an empty one when the projector ends. Rejects when messages were missed. */
  async next(): Promise<Received[]> {
    const { signal } = this.options;
    for (let waitMs = this.#leftMs(); waitMs > 0; waitMs = this.#leftMs()) await this.#sleep(waitMs);
    if (this.#fault) throw this.#fault;
    if (signal.aborted) return [];
    const batch = this.#received.splice(0, BATCH_SIZE);
    this.#waitMs = batch.length >= BUSY_BATCH ? BUSY_BATCH_WAIT_MS : BATCH_WAIT_MS;
    return batch;
  }

  /** How long a batch may still wait for company; for ever while there is nothing to apply. */
  #leftMs(): number {
    if (this.options.signal.aborted || this.#fault || this.#received.length >= BATCH_SIZE) return 0;
    return this.#received.length > 0 ? this.#firstAt + this.#waitMs - performance.now() : Infinity;
  }

  done(count: number): void {
    this.#flow.release(count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.options.signal.removeEventListener('abort', this.#onEnd);
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
    this.#received.push({ ...info, data: message.data });
    if (this.#received.length === 1 || this.#received.length === BATCH_SIZE) this.#wake();
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

function elapsed(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
