import type { Msg } from '@nats-io/nats-core';
import type { Bucket } from './bucket.ts';
import type { JetStreamConnection } from './connection.ts';
import { ConditionWaits } from './condition-waits.ts';
import { StreamFollower } from './stream-follower.ts';
import { StreamPlace } from './stream-place.ts';

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
  readonly #waits = new ConditionWaits();
  readonly #follower: StreamFollower;
  readonly #place: StreamPlace;

  private constructor(
    connection: JetStreamConnection,
    private readonly bucket: Pick<Bucket, 'stream' | 'subjectPrefix'>,
    private readonly options: BucketMirrorOptions<Value>,
  ) {
    this.#place = new StreamPlace(`${bucket.subjectPrefix}>`, () => this.#forgetAll());
    this.#follower = new StreamFollower(connection, {
      stream: bucket.stream,
      startAt: (stream) => this.#place.startAt(stream),
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
  reached(revision: number, withinMs: number): Promise<boolean> {
    return this.#waits.until(() => this.#place.sequence >= revision, withinMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#follower[Symbol.asyncDispose]();
    this.#waits.giveUp();
  }

  #forgetAll(): void {
    const gone = [...this.#values.keys()];
    this.#values.clear();
    for (const key of gone) this.options.onChange?.(key);
  }

  #take(message: Msg, revision: number): void {
    const key = message.subject.slice(this.bucket.subjectPrefix.length);
    this.#place.sequence = revision;
    if (isDeletion(message)) this.#values.delete(key);
    else this.#put(key, message);
    this.options.onChange?.(key);
    this.#waits.look();
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
