import {
  AckPolicy,
  DeliverPolicy,
  jetstreamManager,
  type ConsumerInfo,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { elapsed, type JetStreamConnection } from '#libs/jetstream';
import type { BatchProjection, StreamMessage } from './batch-projection.ts';
import { BatchApplier } from './batch-applier.ts';
import { BATCH_SIZE, Batches, type BatchWaits } from './batches.ts';
import { openCheckpoint, type Checkpoint } from './checkpoint.ts';
import type { Database } from './database.ts';
import type { ParkedEvent } from './parked-events.ts';
import { digestAt, ensureSameLog } from './same-log.ts';

export interface ProjectorObserver {
  applied(stream: string, batch: { readonly size: number; readonly sequence: number; readonly pending: number }): void;
  failed(stream: string, error: unknown): void;
  /** A message was set aside, as it can't be applied; the others go on. */
  parked(event: ParkedEvent): void;
}

export interface StreamProjectorParts {
  readonly connection: JetStreamConnection;
  readonly database: Database;
  readonly stream: string;
  readonly projection: BatchProjection;
  readonly observer: ProjectorObserver;
  /** Default: as suits executions, which change often and seldom have somebody waiting for them. */
  readonly waits?: BatchWaits;
  readonly batchSize?: number;
}

/** After a fault (Postgres away, the log away) the stream is taken up again this much later. */
const AGAIN_AFTER_MS = 500;
/** The server forgets the consumer of a projector that died after this long. */
const INACTIVE_MS = 60_000;

/**
 * Applies one stream to the read models, in order and each message once: it reads from the checkpoint on, and the
 * checkpoint moves with the rows. It keeps no position anywhere else, so a restart, a second projector or a lost
 * connection all mean the same: read the checkpoint and go on.
 */
export class StreamProjector implements AsyncDisposable {
  readonly #ended = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** Of the next batch. Smaller after a fault, as it may have been too much for one statement. */
  #batchSize: number;
  readonly #applier: BatchApplier;

  constructor(private readonly parts: StreamProjectorParts) {
    const { database, projection, observer, batchSize = BATCH_SIZE } = parts;
    this.#batchSize = batchSize;
    this.#applier = new BatchApplier({ database, projection, onParked: (event) => observer.parked(event) });
  }

  start(): void {
    this.#running = this.#runForEver();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  /** Instead of `start`: applies what the stream holds up to that sequence and ends. Rejects after a fault. */
  async applyUpTo(sequence: number): Promise<void> {
    await this.#follow(sequence);
  }

  async #runForEver(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      let isToGoOn = false;
      try {
        if (this.parts.connection.connected) isToGoOn = await this.#follow();
      } catch (error) {
        if (signal.aborted) return;
        this.parts.observer.failed(this.parts.stream, error);
      }
      if (!isToGoOn) await elapsed(AGAIN_AFTER_MS, signal);
    }
  }

  /**
   * Follows the stream until something goes wrong, another projector is faster, this one ends, or all up to that sequence
   * is applied. Whether to begin again at once, as the rows are other ones now.
   */
  async #follow(upTo = Infinity): Promise<boolean> {
    const { connection, database, stream, waits, batchSize } = this.parts;
    const manager = await jetstreamManager(connection.client, { checkAPI: false });
    const known = await manager.streams.info(stream);
    const checkpoint = await openCheckpoint(database, stream, known.created);
    await this.#applier.begin(checkpoint);
    // Asked anew: the checkpoint may be of another projector, which has read further than the answer before it knows.
    const { created, state } = await manager.streams.info(stream);
    ensureSameLog(checkpoint, { created, lastSequence: state.last_seq, digest: await digestAt(manager, checkpoint) });
    if (checkpoint.sequence >= upTo) return false;
    const consumer = await ephemeralConsumer(manager, stream, checkpoint.sequence + 1);
    const { signal } = this.#ended;
    const batches = new Batches(connection, { stream, consumer: consumer.name, waits, size: batchSize, signal });
    try {
      if (Number.isFinite(upTo) && consumer.num_pending === 0) return false;
      await this.#applyAll(batches, { start: checkpoint, upTo });
    } finally {
      await batches[Symbol.asyncDispose]();
      if (connection.connected) await manager.consumers.delete(stream, consumer.name).catch(() => undefined);
    }
    return (await openCheckpoint(database, stream, created)).generation !== checkpoint.generation;
  }

  async #applyAll(batches: Batches, { start, upTo }: { start: Checkpoint; upTo: number }): Promise<void> {
    const { stream, observer } = this.parts;
    let from = start;
    for (;;) {
      const received = await batches.next(this.#batchSize);
      const newest = received.at(-1);
      if (!newest) return;
      const batch = newest.sequence > upTo ? received.filter(({ sequence }) => sequence <= upTo) : received;
      const moved = await this.#apply(batch, from);
      if (!moved) return;
      from = moved;
      batches.done(received.length);
      observer.applied(stream, { size: batch.length, sequence: from.sequence, pending: newest.pending });
      if (Number.isFinite(upTo) && (newest.sequence >= upTo || newest.pending === 0)) return;
    }
  }

  async #apply(batch: readonly StreamMessage[], from: Checkpoint): Promise<Checkpoint | undefined> {
    const size = this.#batchSize;
    this.#batchSize = Math.ceil(size / 4);
    const moved = batch.length === 0 ? from : await this.#applier.apply(batch, from);
    this.#batchSize = Math.min(2 * size, this.parts.batchSize ?? BATCH_SIZE);
    return moved;
  }
}

async function ephemeralConsumer(manager: JetStreamManager, stream: string, from: number): Promise<ConsumerInfo> {
  return manager.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: from,
    inactive_threshold: INACTIVE_MS * 1e6,
    mem_storage: true,
    num_replicas: 1,
  });
}
