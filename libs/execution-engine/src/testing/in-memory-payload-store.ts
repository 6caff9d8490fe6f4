import { createHash } from 'node:crypto';
import { InvariantError, type JsonValue } from '#libs/kernel';
import type { PayloadReference } from '../payload.ts';
import type { PayloadStore } from '../ports.ts';

/** For specs of what stands above a payload store. */
export class InMemoryPayloadStore implements PayloadStore {
  readonly #objects = new Map<string, string>();

  get size(): number {
    return this.#objects.size;
  }

  async put(executionId: string, json: string, name?: string): Promise<PayloadReference> {
    const object = `${executionId}/${name ?? this.#objects.size + 1}`;
    this.#objects.set(object, json);
    const sha256 = createHash('sha256').update(json).digest('base64url');
    return { object, bytes: Buffer.byteLength(json), sha256 };
  }

  async get({ object }: PayloadReference): Promise<JsonValue> {
    const json = this.#objects.get(object);
    if (json === undefined) throw new InvariantError(`payload ${object} is referred to and does not exist`);
    return JSON.parse(json) as JsonValue;
  }
}
