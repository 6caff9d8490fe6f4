import { InvariantError, type JsonValue } from '#libs/kernel';

/** Where a value too large for an event lies, and how to know it unchanged. */
export interface PayloadReference {
  /** Key in the object store. */
  readonly object: string;
  readonly bytes: number;
  /** SHA-256 of the JSON text, base64url. */
  readonly sha256: string;
}

/** A value as events carry it. A tagged union, so that no value of a user can pass for a reference. */
export type Payload = { readonly value: JsonValue } | { readonly stored: PayloadReference };

/** Values of stored payloads, by object key; the shell loads what a state refers to before it asks for a decision. */
export type StoredValues = ReadonlyMap<string, JsonValue>;

export const NO_STORED_VALUES: StoredValues = new Map();

/** A payload whose JSON text has more UTF-16 units than this goes to the object store. */
export const INLINE_PAYLOAD_LIMIT = 64 * 1024;

export function valueOf(payload: Payload, stored: StoredValues): JsonValue {
  if ('value' in payload) return payload.value;
  const value = stored.get(payload.stored.object);
  if (value === undefined) throw new InvariantError(`payload ${payload.stored.object} was not loaded before the decision`);
  return value;
}
