import { z } from 'zod';
import { LogUnavailableError } from '#libs/event-sourcing';
import {
  BucketMirror,
  openBucket,
  placeOfBucket,
  readSubject,
  type Bucket,
  type JetStreamConnection,
} from '#libs/jetstream';

const word = z.object({ paused: z.boolean(), at: z.string(), by: z.string() });
/** The last word on a queue: when it was said, and by whose id. */
export type QueueWord = z.infer<typeof word>;

const NAME = 'queues';

/** A change is seen by its own process before it is answered, if news takes no longer. */
const SEEN_WITHIN_MS = 2_000;

/**
 * Which queues are paused, by name: a bucket that every worker follows into memory, so that a pause reaches all of them
 * in milliseconds, and outlives them all.
 */
export class PausedQueues implements AsyncDisposable {
  readonly #onChange = new Set<() => void>();
  #words: ReadonlyMap<string, QueueWord> = new Map();
  #mirror: BucketMirror<QueueWord> | undefined;

  private constructor(
    private readonly connection: JetStreamConnection,
    private readonly bucket: Bucket,
  ) {}

  /** Resolves when it holds what the bucket holds. */
  static async open(
    connection: JetStreamConnection,
    { replicas, onFault }: { readonly replicas: number; readonly onFault: (error: unknown) => void },
  ): Promise<PausedQueues> {
    const description = 'Queue → whether it is paused, since when and by whom';
    const bucket = await openBucket(connection, { name: NAME, description, replicas });
    const queues = new PausedQueues(connection, bucket);
    await queues.#follow(onFault);
    return queues;
  }

  has(name: string): boolean {
    return this.#words.get(name)?.paused ?? false;
  }

  /** Calls back when a queue was paused or resumed; returns the end of that. */
  observe(changed: () => void): () => void {
    this.#onChange.add(changed);
    return () => void this.#onChange.delete(changed);
  }

  /** Throws LogUnavailableError. */
  async say(name: string, said: QueueWord): Promise<void> {
    this.connection.ensureConnected();
    const revision = await this.bucket.kv.put(name, JSON.stringify(said)).catch((cause: unknown) => {
      throw new LogUnavailableError('whether the queue is paused could not be written', { cause });
    });
    await this.#mirror?.reached(revision, SEEN_WITHIN_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mirror?.[Symbol.asyncDispose]();
  }

  async #follow(onFault: (error: unknown) => void): Promise<void> {
    const options = { parse: (json: unknown) => word.parse(json), onChange: () => this.#tell(), onFault };
    this.#mirror = await BucketMirror.open(this.connection, this.bucket, options);
    this.#words = this.#mirror.values;
  }

  #tell(): void {
    for (const changed of this.#onChange) changed();
  }
}

/** The queues that are paused now, by name. Only reads, also where this process never made the bucket. */
export async function readPausedQueues(connection: JetStreamConnection): Promise<ReadonlyMap<string, QueueWord>> {
  const { stream, subjectPrefix } = placeOfBucket(NAME);
  const paused = new Map<string, QueueWord>();
  for await (const { subject, data } of readSubject(connection, stream, `${subjectPrefix}>`)) {
    const said = word.safeParse(JSON.parse(new TextDecoder().decode(data)));
    if (said.success && said.data.paused) paused.set(subject.slice(subjectPrefix.length), said.data);
  }
  return paused;
}
