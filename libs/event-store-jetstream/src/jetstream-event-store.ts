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
  readLast,
  readLastFromLeader,
  readSubject,
  type JetStreamConnection,
  type JetStreamPublisher,
} from '#libs/jetstream';
import type { CommitCodec } from './codec.ts';
import type { LogLayout } from './layout.ts';

/** `wrong last sequence`, and the same found while another proposal was in flight (replicated streams). */
const WRONG_LAST_SEQUENCE: ReadonlySet<number> = new Set([10071, 10164]);

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
    const { publisher, layout, codec } = this.parts;
    const subject = layout.subjectOf(commit.aggregateId);
    try {
      return await publisher.publish(subject, codec.encode(commit), { expectedLastSubjectSequence: expectedSequence });
    } catch (error) {
      if (error instanceof PublishRefusedError && WRONG_LAST_SEQUENCE.has(error.errorCode)) {
        throw new ConcurrencyConflict(commit.aggregateId, error);
      }
      if (error instanceof LogUnavailableError) return this.#readBack(commit, error);
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

  /** The acknowledgement got lost, the commit perhaps not: the last message says, it is never guessed. */
  async #readBack(commit: Commit<Event>, unavailable: LogUnavailableError): Promise<number> {
    if (unavailable.code === 'LOG_BUSY') throw unavailable;
    const last = await this.readLast(commit.aggregateId, { fresh: true }).catch(() => undefined);
    if (last?.id === commit.id) return last.sequence;
    throw unavailable;
  }
}
