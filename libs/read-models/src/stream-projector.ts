import { AckPolicy, DeliverPolicy, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { JetStreamConnection } from '#libs/jetstream';
import type { BatchProjection, StreamMessage } from './batch-projection.ts';
import { BATCH_SIZE, Batches, type BatchWaits } from './batches.ts';
import { digestOf, openCheckpoint, type Checkpoint, type CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';
import { digestAt, ensureSameLog } from './same-log.ts';

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
  /** Default: as suits executions, which change often and seldom have somebody waiting for them. */
  readonly waits?: BatchWaits;
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
  #batchSize = BATCH_SIZE;

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
        if (this.parts.connection.connected) await this.#follow();
      } catch (error) {
        if (signal.aborted) return;
        this.parts.observer.failed(this.parts.stream, error);
      }
      await elapsed(AGAIN_AFTER_MS, signal);
    }
  }

  /** Follows the stream until something goes wrong, another projector is faster, or this one ends. */
  async #follow(): Promise<void> {
    const { connection, database, stream, projection, waits } = this.parts;
    projection.reset();
    const manager = await jetstreamManager(connection.client, { checkAPI: false });
    const known = await manager.streams.info(stream);
    const checkpoint = await openCheckpoint(database, stream, known.created);
    // Asked anew: the checkpoint may be of another projector, which has read further than the answer before it knows.
    const { created, state } = await manager.streams.info(stream);
    ensureSameLog(checkpoint, { created, lastSequence: state.last_seq, digest: await digestAt(manager, checkpoint) });
    const consumer = await ephemeralConsumer(manager, stream, checkpoint.sequence + 1);
    const batches = new Batches(connection, { stream, consumer, waits, signal: this.#ended.signal });
    try {
      await this.#applyAll(batches, checkpoint);
    } finally {
      await batches[Symbol.asyncDispose]();
      if (connection.connected) await manager.consumers.delete(stream, consumer).catch(() => undefined);
    }
  }

  async #applyAll(batches: Batches, start: Checkpoint): Promise<void> {
    const { stream, observer } = this.parts;
    let from = start;
    for (;;) {
      const batch = await batches.next(this.#batchSize);
      const last = batch.at(-1);
      if (!last) return;
      const to = { sequence: last.sequence, digest: digestOf(last.data) };
      if (!(await this.#apply(batch, { from, to }))) return;
      from = { ...from, ...to };
      batches.done(batch.length);
      observer.applied(stream, { size: batch.length, sequence: to.sequence, pending: last.pending });
    }
  }

  async #apply(batch: readonly StreamMessage[], move: CheckpointMove): Promise<boolean> {
    const { projection } = this.parts;
    const size = this.#batchSize;
    this.#batchSize = Math.ceil(size / 4);
    const moved = await projection.apply(batch, move);
    this.#batchSize = Math.min(2 * size, BATCH_SIZE);
    return moved;
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

function elapsed(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
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
