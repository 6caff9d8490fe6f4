import {
  JetStreamPublisher,
  openBucket,
  placeOfBucket,
  readLastFromLeader,
  wasWrittenMeanwhile,
  type JetStreamConnection,
} from '#libs/jetstream';
import { storedLeaseIn, type StoredLease } from './stored-lease.ts';

const BUCKET = 'leases';
/** Whoever follows the bucket sees the mark at once; later it is of no use. */
const EXPIRY_MARK_MS = 60_000;

export const { stream: LEASES_STREAM, subjectPrefix: LEASES_SUBJECT_PREFIX } = placeOfBucket(BUCKET);

/** What stands in the bucket for a key: nothing and no revision, the mark of an end, or a lease. */
export interface FoundLease {
  /** Which a write has to expect; 0 when there is nothing. */
  readonly revision: number;
  readonly isFree: boolean;
  /** Undefined also when it was written by a version that this one can't read. */
  readonly lease: StoredLease | undefined;
}

export const NOTHING: FoundLease = { revision: 0, isFree: true, lease: undefined };

/** Makes the bucket as it must be, or brings it there. */
export async function openLeases(connection: JetStreamConnection, replicas: number): Promise<void> {
  const description = 'Who does what only one may do';
  await openBucket(connection, {
    name: BUCKET,
    description,
    replicas,
    entriesMayExpire: true,
    expiryMarkMs: EXPIRY_MARK_MS,
  });
}

/** The entry of a key as the stream's leader has it now. Rejects with StreamMissingError when there is no bucket. */
export async function readLeaseEntry(
  connection: JetStreamConnection,
  key: string,
  withinMs?: number,
): Promise<FoundLease> {
  const message = await readLastFromLeader(connection, LEASES_STREAM, `${LEASES_SUBJECT_PREFIX}${key}`, withinMs);
  if (!message) return NOTHING;
  // A mark has no body, whether the server or a holder left it.
  return { revision: message.sequence, isFree: message.data.length === 0, lease: storedLeaseIn(message.data) };
}

/** Writes the entry of one key, each time only if it is still the one that was seen. */
export class LeaseEntry implements AsyncDisposable {
  readonly #publisher: JetStreamPublisher;
  readonly #subject: string;
  readonly #ttlHeader: string;

  constructor(
    connection: JetStreamConnection,
    { key, ttlMs, ackTimeoutMs }: { readonly key: string; readonly ttlMs: number; readonly ackTimeoutMs: number },
  ) {
    this.#publisher = new JetStreamPublisher(connection, { ackTimeoutMs });
    this.#subject = `${LEASES_SUBJECT_PREFIX}${key}`;
    this.#ttlHeader = `${ttlMs / 1000}s`;
  }

  /** The new revision; undefined when another one than `revision` is there. The client's own update drops the time to live. */
  write(lease: StoredLease, revision: number): Promise<number | undefined> {
    return this.#put(JSON.stringify(lease), { revision, headers: { 'Nats-TTL': this.#ttlHeader } });
  }

  /** Leaves a mark, by which others know at once. */
  async remove(revision: number): Promise<void> {
    await this.#put('', { revision, headers: { 'KV-Operation': 'DEL' } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#publisher[Symbol.asyncDispose]();
  }

  async #put(
    body: string,
    { revision, headers }: { readonly revision: number; readonly headers: Readonly<Record<string, string>> },
  ): Promise<number | undefined> {
    try {
      return await this.#publisher.publish(this.#subject, body, { expectedLastSubjectSequence: revision, headers });
    } catch (error) {
      if (wasWrittenMeanwhile(error)) return undefined;
      throw error;
    }
  }
}
