import { createHash, randomUUID } from 'node:crypto';
import { DiscardPolicy, jetstreamManager, StorageType } from '@nats-io/jetstream';
import { z } from 'zod';
import { LogUnavailableError } from '#libs/event-sourcing';
import type { PayloadReference, PayloadStore } from '#libs/execution-engine';
import {
  readLast,
  readLastFromLeader,
  readSubject,
  reconcileStream,
  type DesiredStream,
  type JetStreamConnection,
  type JetStreamPublisher,
} from '#libs/jetstream';
import { InvariantError, toInstant, type Clock, type JsonValue } from '#libs/kernel';

const BUCKET = 'payloads';
const STREAM = `OBJ_${BUCKET}`;
/** Of bytes; what the client takes. */
const CHUNK = 128 * 1024;
/** Chunks that wait for their acknowledgement at once. */
const CHUNKS_AT_ONCE = 16;

/** What is used here of an object's description. */
const descriptionSchema = z.object({
  nuid: z.string(),
  size: z.number(),
  digest: z.string().optional(),
  deleted: z.boolean().optional(),
});

export interface PayloadStoreParts {
  readonly connection: JetStreamConnection;
  readonly publisher: Pick<JetStreamPublisher, 'publish'>;
  /** For the time that is written in an object's description. */
  readonly clock: Clock;
  readonly replicas: number;
}

/** As the client would make it; made by ourselves, so that a change of it is applied or refused at start. */
function payloadStream(replicas: number): DesiredStream {
  return {
    name: STREAM,
    description: 'Payloads above 64 KiB; events hold reference and hash',
    subjects: [`$O.${BUCKET}.C.>`, `$O.${BUCKET}.M.>`],
    storage: StorageType.File,
    num_replicas: replicas,
    discard: DiscardPolicy.New,
    allow_direct: true,
    allow_rollup_hdrs: true,
  };
}

/**
 * Values too large for events, in a JetStream object store. An object is written once, under a name nobody had before.
 * Read without the client: for each object it makes a consumer that outlives the read by minutes, and it waits for ever
 * for chunks that are not there. Written without it: it hashes in JavaScript, looks for an object of before, and waits for
 * each chunk before the next. What it reads is the same.
 */
export class ObjectPayloadStore implements PayloadStore {
  private constructor(
    private readonly connection: JetStreamConnection,
    private readonly publisher: Pick<JetStreamPublisher, 'publish'>,
    private readonly clock: Clock,
  ) {}

  static async open({ connection, publisher, clock, replicas }: PayloadStoreParts): Promise<ObjectPayloadStore> {
    const manager = await jetstreamManager(connection.client, { checkAPI: false });
    await reconcileStream(manager, payloadStream(replicas));
    return new ObjectPayloadStore(connection, publisher, clock);
  }

  /** Throws LogUnavailableError when it can't be told that the value was stored. */
  async put(executionId: string, json: string, name?: string): Promise<PayloadReference> {
    const bytes = Buffer.from(json);
    const object = `${executionId}/${name ?? randomUUID()}`;
    this.connection.ensureConnected();
    const digest = createHash('sha256').update(bytes).digest();
    const reference = { object, bytes: bytes.length, sha256: digest.toString('base64url') };
    if (name !== undefined && (await this.#holds(object, digest))) return reference;
    try {
      await this.#write(object, bytes, digest);
    } catch (cause) {
      // What is there of it nobody will refer to, unless somebody else puts it too.
      if (name === undefined) void this.remove(object).catch(() => undefined);
      throw new LogUnavailableError('the object store did not answer', { cause });
    }
    return reference;
  }

  async #holds(object: string, digest: Buffer): Promise<boolean> {
    const described = await this.#describe(object);
    return described !== undefined && !described.deleted && described.digest === digestTextOf(digest);
  }

  /** In any order: it is there when all of it is. */
  async #write(object: string, bytes: Buffer, digest: Buffer): Promise<void> {
    const nuid = randomUUID().replaceAll('-', '');
    const chunks = Math.ceil(bytes.length / CHUNK);
    const description = {
      ...{ name: object, bucket: BUCKET, nuid, size: bytes.length, chunks, deleted: false },
      options: { max_chunk_size: CHUNK },
      mtime: toInstant(this.clock.nowMs()),
      digest: digestTextOf(digest),
    };
    const described = this.publisher.publish(
      `$O.${BUCKET}.M.${base64UrlOf(Buffer.from(object))}`,
      JSON.stringify(description),
      { headers: { 'Nats-Rollup': 'sub' } },
    );
    const written = this.#writeChunks(`$O.${BUCKET}.C.${nuid}`, bytes);
    const [first, second] = await Promise.allSettled([written, described]);
    for (const settled of [first, second]) if (settled.status === 'rejected') throw settled.reason;
  }

  /** The order of a subject's messages is that of their publishing. */
  async #writeChunks(subject: string, bytes: Buffer): Promise<void> {
    for (let from = 0; from < bytes.length; from += CHUNK * CHUNKS_AT_ONCE) {
      const window = bytes.subarray(from, from + CHUNK * CHUNKS_AT_ONCE);
      const acknowledged: Promise<number>[] = [];
      for (let at = 0; at < window.length; at += CHUNK)
        acknowledged.push(this.publisher.publish(subject, window.subarray(at, at + CHUNK)));
      const settled = await Promise.allSettled(acknowledged);
      const failed = settled.find((one) => one.status === 'rejected');
      if (failed) throw failed.reason;
    }
  }

  /** Throws InvariantError when the value is not there or not what was recorded, LogUnavailableError when that can't be told. */
  async get({ object, sha256 }: PayloadReference): Promise<JsonValue> {
    const described = await this.#describe(object);
    if (!described || described.deleted)
      throw new InvariantError(`payload ${object} is referred to and does not exist`);
    const bytes = await this.#readChunks(`$O.${BUCKET}.C.${described.nuid}`);
    // The replica that answered may not have all of it yet.
    if (bytes.length < described.size) throw new LogUnavailableError(`payload ${object} is not whole`);
    if (hashOf(bytes) !== sha256)
      throw new InvariantError(`payload ${object} is not what was recorded: its hash differs`);
    return JSON.parse(bytes.toString()) as JsonValue;
  }

  /** Nothing is left of it, not even its name; one that is not there is no mistake. */
  async remove(object: string): Promise<void> {
    const described = await this.#describe(object);
    if (!described) return;
    const manager = await jetstreamManager(this.connection.client, { checkAPI: false });
    await manager.streams.purge(STREAM, { filter: `$O.${BUCKET}.C.${described.nuid}` });
    await manager.streams.purge(STREAM, { filter: `$O.${BUCKET}.M.${base64UrlOf(Buffer.from(object))}` });
  }

  /** Any replica may say what an object is; that there is none is believed of the leader alone. */
  async #describe(object: string): Promise<z.infer<typeof descriptionSchema> | undefined> {
    const subject = `$O.${BUCKET}.M.${base64UrlOf(Buffer.from(object))}`;
    const message =
      (await readLast(this.connection, STREAM, subject)) ??
      (await readLastFromLeader(this.connection, STREAM, subject));
    return message && descriptionSchema.parse(JSON.parse(Buffer.from(message.data).toString()));
  }

  async #readChunks(subject: string): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    for await (const { data } of readSubject(this.connection, STREAM, subject)) chunks.push(data);
    return Buffer.concat(chunks);
  }
}

/** As object stores write it. */
function digestTextOf(digest: Buffer): string {
  return `SHA-256=${base64UrlOf(digest)}`;
}

/** With padding, unlike node's. */
function base64UrlOf(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url');
}
