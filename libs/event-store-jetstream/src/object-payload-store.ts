import { createHash, randomUUID } from 'node:crypto';
import { Objm, type ObjectStore } from '@nats-io/obj';
import { StorageType } from '@nats-io/jetstream';
import { LogUnavailableError } from '#libs/event-sourcing';
import type { PayloadReference, PayloadStore } from '#libs/execution-engine';
import type { JetStreamConnection } from '#libs/jetstream';
import { InvariantError, type JsonValue } from '#libs/kernel';

const BUCKET = 'payloads';

/** Values too large for events, in a JetStream object store. An object is written once, under a name nobody had before. */
export class ObjectPayloadStore implements PayloadStore {
  private constructor(
    private readonly connection: JetStreamConnection,
    private readonly bucket: ObjectStore,
  ) {}

  static async open(connection: JetStreamConnection, replicas: number): Promise<ObjectPayloadStore> {
    const bucket = await new Objm(connection.client).create(BUCKET, {
      description: 'Payloads above 64 KiB; events hold reference and hash',
      storage: StorageType.File,
      replicas,
    });
    return new ObjectPayloadStore(connection, bucket);
  }

  async put(executionId: string, json: string): Promise<PayloadReference> {
    const bytes = Buffer.from(json);
    const object = `${executionId}/${randomUUID()}`;
    await this.#reach(() => this.bucket.putBlob({ name: object }, bytes));
    return { object, bytes: bytes.length, sha256: hashOf(bytes) };
  }

  async get({ object, sha256 }: PayloadReference): Promise<JsonValue> {
    const bytes = await this.#reach(() => this.bucket.getBlob(object));
    if (!bytes) throw new InvariantError(`payload ${object} is referred to and does not exist`);
    if (hashOf(bytes) !== sha256)
      throw new InvariantError(`payload ${object} is not what was recorded: its hash differs`);
    return JSON.parse(new TextDecoder().decode(bytes)) as JsonValue;
  }

  async #reach<Result>(call: () => Promise<Result>): Promise<Result> {
    this.connection.ensureConnected();
    try {
      return await call();
    } catch (cause) {
      throw new LogUnavailableError('the object store did not answer', { cause });
    }
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64url');
}
