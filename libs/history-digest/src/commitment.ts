import { hash } from 'node:crypto';
import type { OwnPayload, Payload } from '#libs/execution-engine';
import type { JsonValue } from '#libs/kernel';

/** Tells a value from every other one without holding it: the SHA-256 (base64url) and the bytes of its JSON text. */
export interface Commitment {
  readonly sha256: string;
  readonly bytes: number;
}

/** A payload however it is kept: in its event, in the object store, or no longer. */
export type KeptPayload = OwnPayload | { readonly erased: Commitment };

/** The same for all three: what is put into the object store is `JSON.stringify` of the value, and so is what is hashed here. */
export function commitmentOf(payload: KeptPayload): Commitment {
  if ('erased' in payload) return commitment(payload.erased);
  return 'stored' in payload ? commitment(payload.stored) : commitmentOfValue(payload.value);
}

/** What only passes through a node stays the reference that it is: the value stands with the node that gave it. */
export function digestedPayload(payload: Payload | KeptPayload): Commitment | { readonly sameAs: string } {
  return 'sameAs' in payload ? { sameAs: payload.sameAs } : commitmentOf(payload);
}

function commitmentOfValue(value: JsonValue): Commitment {
  const json = JSON.stringify(value);
  return { sha256: hash('sha256', json, 'base64url'), bytes: Buffer.byteLength(json) };
}

function commitment({ sha256, bytes }: Commitment): Commitment {
  return { sha256, bytes };
}
