import { DeliverPolicy, type ConsumerConfig, type StreamInfo } from '@nats-io/jetstream';
import type { Msg } from '@nats-io/nats-core';
import type { Bucket } from './bucket.ts';
import type { JetStreamConnection } from './connection.ts';
import { StreamFollower } from './stream-follower.ts';

export interface BucketMirrorOptions<Value> {
  /** Throws for a value that this version can't read; such a key is not there. */
  readonly parse: (json: unknown) => Value;
  /** A key was put, deleted, or could not be read. Must not throw. */
  readonly onChange?: (key: string) => void;
  /** An entry can't be read, or the bucket can't be followed; the mirror stays as it is and catches up. */
  readonly onFault: (error: unknown) => void;
}

/** A small bucket in this process's memory, following it without asking. */
export class BucketMirror<Value> implements AsyncDisposable {
  readonly #values = new Map<string, Value>();
  readonly #current = Promise.withResolvers<void>();
  readonly #waiting = new Set<() => void>();
  readonly #follower: StreamFollower;
  /** Which stream this is of, and the last of its messages that is in here. */
  #createdAt = '';
  #revision = 0;

  private constructor(
    connection: JetStreamConnection,
    private readonly bucket: Pick<Bucket, 'stream' | 'subjectPrefix'>,
    private readonly options: BucketMirrorOptions<Value>,
  ) {
    this.#follower = new StreamFollower(connection, {
      stream: bucket.stream,
      startAt: (stream) => this.#startAt(stream),
      onMessage: (message, { sequence }) => this.#take(message, sequence),
      onCurrent: () => this.#current.resolve(),
      onFault: options.onFault,
    });
  }

  /** Resolves when the mirror holds what the bucket held. */
  static async open<Value>(
    connection: JetStreamConnection,
    bucket: Pick<Bucket, 'stream' | 'subjectPrefix'>,
    options: BucketMirrorOptions<Value>,
  ): Promise<BucketMirror<Value>> {
    const mirror = new BucketMirror(connection, bucket, options);
    await mirror.#current.promise;
    return mirror;
  }

  get values(): ReadonlyMap<string, Value> {
    return this.#values;
  }

  /** True when what was written at this revision has come, at the latest after `withinMs`. */
  async reached(revision: number, withinMs: number): Promise<boolean> {
    if (this.#revision >= revision) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const look = (): void => {
      if (this.#revision >= revision) resolve(true);
    };
    this.#waiting.add(look);
    const timer = setTimeout(() => resolve(false), withinMs);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(look);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#follower[Symbol.asyncDispose]();
  }

  /** After the last entry seen; from the beginning when the bucket is not the one that it was. */
  #startAt({ created, state }: StreamInfo): Pick<ConsumerConfig, 'deliver_policy'> & Partial<ConsumerConfig> {
    if (created === this.#createdAt && this.#revision > 0 && this.#revision <= state.last_seq) {
      return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: this.#revision + 1 };
    }
    const gone = [...this.#values.keys()];
    this.#values.clear();
    this.#createdAt = created;
    this.#revision = 0;
    for (const key of gone) this.options.onChange?.(key);
    return { deliver_policy: DeliverPolicy.LastPerSubject, filter_subject: `${this.bucket.subjectPrefix}>` };
  }

  #take(message: Msg, revision: number): void {
    const key = message.subject.slice(this.bucket.subjectPrefix.length);
    this.#revision = revision;
    if (isDeletion(message)) this.#values.delete(key);
    else this.#put(key, message);
    this.options.onChange?.(key);
    for (const look of this.#waiting) look();
  }

  #put(key: string, message: Msg): void {
    try {
      this.#values.set(key, this.options.parse(message.json()));
    } catch (error) {
      this.#values.delete(key);
      this.options.onFault(error);
    }
  }
}

/** A bucket marks what was deleted by an entry with one of these headers. */
function isDeletion({ headers }: Msg): boolean {
  return headers !== undefined && (headers.has('KV-Operation') || headers.has('Nats-Marker-Reason'));
}
