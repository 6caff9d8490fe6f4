import { InvariantError, type JsonValue } from '#libs/kernel';

/** Where a value too large for an event lies, and how to know it unchanged. */
export interface PayloadReference {
  /** Key in the object store. */
  readonly object: string;
  readonly bytes: number;
  /** SHA-256 of the JSON text, base64url. */
  readonly sha256: string;
}

/** A value that an event carries itself, or says where it lies. */
export type OwnPayload = { readonly value: JsonValue } | { readonly stored: PayloadReference };

/**
 * A value as events carry it; `sameAs` is the output of that node, unchanged, so that what only passes through is
 * recorded once. A tagged union, so that no value of a user can pass for a reference.
 */
export type Payload = OwnPayload | { readonly sameAs: string };

/** Values of stored payloads, by object key; the shell loads what a state refers to before it asks for a decision. */
export type StoredValues = ReadonlyMap<string, JsonValue>;

export const NO_STORED_VALUES: StoredValues = new Map();

/** A payload whose JSON text has more UTF-16 units than this goes to the object store. */
export const INLINE_PAYLOAD_LIMIT = 64 * 1024;

/** The payload that holds the value: `sameAs` followed to its end. The trigger's output is the execution's input. */
export function ownPayloadOf(payload: Payload, outputs: RecordedOutputs): OwnPayload {
  let own = payload;
  while ('sameAs' in own) {
    const next: Payload | undefined =
      own.sameAs === outputs.triggerNodeId ? outputs.input : outputs.outputOf(own.sameAs);
    if (!next) throw new InvariantError(`the output of ${own.sameAs} is referred to and was never recorded`);
    own = next;
  }
  return own;
}

/** What `sameAs` refers to. */
export interface RecordedOutputs {
  readonly triggerNodeId: string;
  readonly input: OwnPayload;
  outputOf(nodeId: string): Payload | undefined;
}

export function valueOf(payload: OwnPayload, stored: StoredValues): JsonValue {
  if ('value' in payload) return payload.value;
  const value = stored.get(payload.stored.object);
  if (value === undefined)
    throw new InvariantError(`payload ${payload.stored.object} was not loaded before the decision`);
  return value;
}
