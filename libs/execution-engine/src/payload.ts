import { InvariantError, MillraceError, type JsonValue } from '#libs/kernel';

/** Where a value too large for an event lies, and how to know it unchanged. */
export interface PayloadReference extends Commitment {
  /** Key in the object store. */
  readonly object: string;
}

/** Tells a value from every other one without holding it. */
export interface Commitment {
  /** SHA-256 of the JSON text, base64url. */
  readonly sha256: string;
  readonly bytes: number;
}

/** A value that an event carries itself, or says where it lies; or that was erased, of which only the commitment is left. */
export type OwnPayload =
  { readonly value: JsonValue } | { readonly stored: PayloadReference } | { readonly erased: Commitment };

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

/** What an execution worked on was erased, and nothing can go on with it. */
export class DataErasedError extends MillraceError {
  override readonly name = 'DataErasedError';
  constructor() {
    super('conflict', 'DATA_ERASED', 'the data of the execution was erased; what needs it can not be done any more');
  }
}

export function valueOf(payload: OwnPayload, stored: StoredValues): JsonValue {
  if ('value' in payload) return payload.value;
  if ('erased' in payload) throw new DataErasedError();
  const value = stored.get(payload.stored.object);
  if (value === undefined)
    throw new InvariantError(`payload ${payload.stored.object} was not loaded before the decision`);
  return value;
}
