import { DeliverPolicy } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/nats-core';
import { LRUCache } from 'lru-cache';
import type { StoredCircuit } from '#libs/destination-limits';
import { StreamFollower } from '#libs/jetstream';
import { parseCircuit, type CircuitBucket, type Destination, type ReadCircuit } from './circuit-bucket.ts';

export interface CircuitTableObserver {
  /** An entry that this version can't read; its destination counts as healthy. */
  unreadable(subject: string, error: unknown): void;
  /** The bucket can't be followed at the moment; all destinations count as healthy until it can. */
  interrupted(error: unknown): void;
}

/** Destinations that are remembered; of more, those that nobody asked about for longest count as healthy. */
const MAX_CIRCUITS = 10_000;

type Entry = StoredCircuit & ReadCircuit;

/** The circuits of all destinations that fail, in this process's memory, following the bucket. */
export class CircuitTable implements AsyncDisposable {
  readonly #entries = new LRUCache<string, Entry>({ max: MAX_CIRCUITS });
  readonly #follower: StreamFollower;
  readonly #unobserve: () => void;
  #following = false;

  constructor(
    private readonly bucket: CircuitBucket,
    private readonly observer: CircuitTableObserver,
  ) {
    this.#unobserve = bucket.connection.observe({ lost: () => (this.#following = false) });
    this.#follower = new StreamFollower(bucket.connection, {
      stream: bucket.stream,
      startAt: () => {
        this.#following = false;
        this.#entries.clear();
        return { deliver_policy: DeliverPolicy.LastPerSubject, filter_subject: `${bucket.subjectPrefix}>` };
      },
      onMessage: (message, { sequence }) => this.#hear(message, sequence),
      onCurrent: () => (this.#following = true),
      onFault: (error) => {
        this.#following = false;
        observer.interrupted(error);
      },
    });
  }

  /** Whether what is known is what the bucket has, give or take milliseconds. */
  get isFollowing(): boolean {
    return this.#following;
  }

  find(destination: Destination): ReadCircuit | undefined {
    return this.#entries.get(this.bucket.subjectOf(destination));
  }

  /** All that is known, in no order. */
  all(): Iterable<StoredCircuit> {
    return this.#entries.values();
  }

  /** What this process wrote or read itself, ahead of the message that says so. */
  learn({ workspaceId, key }: Destination, { circuit, revision }: ReadCircuit): void {
    if (revision > 0) this.#put(this.bucket.subjectOf({ workspaceId, key }), { workspaceId, key, circuit, revision });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unobserve();
    await this.#follower[Symbol.asyncDispose]();
  }

  #hear(message: Msg, revision: number): void {
    try {
      this.#put(message.subject, { ...parseCircuit(message.data), revision });
    } catch (error) {
      this.#entries.delete(message.subject);
      this.observer.unreadable(message.subject, error);
    }
  }

  #put(subject: string, entry: Entry): void {
    const present = this.#entries.peek(subject);
    if (!present || present.revision < entry.revision) this.#entries.set(subject, entry);
  }
}
