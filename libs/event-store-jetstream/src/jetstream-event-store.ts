import { setTimeout as delay } from 'node:timers/promises';
import {
  ConcurrencyConflict,
  LogUnavailableError,
  type Commit,
  type DomainEvent,
  type EventStore,
  type StoredCommit,
} from '#libs/event-sourcing';
import {
  PublishRefusedError,
  wasWrittenMeanwhile,
  readLast,
  readLastFromLeader,
  readNextFromLeader,
  readSubject,
  type JetStreamConnection,
  type JetStreamPublisher,
  type StoredMessage,
} from '#libs/jetstream';
import { readEnvelope, type CommitCodec } from './codec.ts';
import type { LogLayout } from './layout.ts';

/** How long a writer whose acknowledgement got lost waits for NATS to come back and tell. */
const READ_BACK_WITHIN_MS = 5_000;
const READ_AGAIN_AFTER_MS = 100;

export interface JetStreamEventStoreParts<Event extends DomainEvent> {
  readonly connection: JetStreamConnection;
  readonly publisher: JetStreamPublisher;
  readonly layout: LogLayout;
  readonly codec: CommitCodec<Event>;
}

/**
 * Histories on JetStream: one message is one commit, on the aggregate's one literal subject, guarded by that subject's
 * last sequence. (Guards with wildcards are not safe with replicas; one literal key is.)
 */
export class JetStreamEventStore<Event extends DomainEvent> implements EventStore<Event> {
  constructor(private readonly parts: JetStreamEventStoreParts<Event>) {}

  async append(commit: Commit<Event>, expectedSequence: number): Promise<number> {
    const { connection, publisher, layout, codec } = this.parts;
    // Whoever comes while NATS is away is told so at once: nothing was sent, so there is nothing to read back.
    connection.ensureConnected();
    const subject = layout.subjectOf(commit.aggregateId);
    try {
      return await publisher.publish(subject, codec.encode(commit), { expectedLastSubjectSequence: expectedSequence });
    } catch (error) {
      if (error instanceof PublishRefusedError) throw refusalOf(commit.aggregateId, error);
      if (error instanceof LogUnavailableError) return this.#readBack(commit, expectedSequence, error);
      throw error;
    }
  }

  async readLast(aggregateId: string, { fresh = false } = {}): Promise<StoredCommit<Event> | undefined> {
    const { connection, layout, codec } = this.parts;
    const read = fresh ? readLastFromLeader : readLast;
    const message = await read(connection, layout.streamOf(aggregateId), layout.subjectOf(aggregateId));
    return message && codec.decode(message.data, message.sequence);
  }

  async *readHistory(aggregateId: string, { fromSequence = 1 } = {}): AsyncIterable<StoredCommit<Event>> {
    const { connection, layout, codec } = this.parts;
    const messages = readSubject(connection, layout.streamOf(aggregateId), layout.subjectOf(aggregateId), fromSequence);
    for await (const message of messages) yield codec.decode(message.data, message.sequence);
  }

  /**
   * The acknowledgement got lost, the commit perhaps not; it is never guessed. By the guard, the first message after the
   * expected one is this commit or the one that kept it out for good, whatever came after it.
   */
  async #readBack(
    { id, aggregateId }: Commit<Event>,
    expectedSequence: number,
    unavailable: LogUnavailableError,
  ): Promise<number> {
    if (unavailable.code === 'LOG_BUSY') throw unavailable;
    const next = await this.#nextAfter(aggregateId, expectedSequence);
    if (!next) throw unavailable;
    if (readEnvelope(next.data, next.sequence).id === id) return next.sequence;
    throw new ConcurrencyConflict(aggregateId, unavailable);
  }

  /** Undefined when there is none, or when NATS did not say in time. */
  async #nextAfter(aggregateId: string, sequence: number): Promise<StoredMessage | undefined> {
    const { connection, layout } = this.parts;
    const deadline = performance.now() + READ_BACK_WITHIN_MS;
    const asked = { subject: layout.subjectOf(aggregateId), fromSequence: sequence + 1 };
    while (await connection.backWithin(deadline - performance.now())) {
      try {
        return await readNextFromLeader(connection, layout.streamOf(aggregateId), asked);
      } catch (error) {
        if (!(error instanceof LogUnavailableError)) throw error;
        if (performance.now() + READ_AGAIN_AFTER_MS > deadline) return undefined;
        await delay(READ_AGAIN_AFTER_MS);
      }
    }
    return undefined;
  }
}

/** A lost race; or full storage, a sealed stream, no leader: nothing that the caller did, and nothing was stored. */
function refusalOf(aggregateId: string, cause: PublishRefusedError): Error {
  return wasWrittenMeanwhile(cause)
    ? new ConcurrencyConflict(aggregateId, cause)
    : new LogUnavailableError(`the log refuses to store: ${cause.message}`, { code: 'LOG_REFUSED', cause });
}
