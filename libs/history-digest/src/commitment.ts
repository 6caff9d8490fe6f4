import { hash } from 'node:crypto';
import type { Commitment, OwnPayload } from '#libs/execution-engine';
import type { JsonValue } from '#libs/kernel';

/** The same for all three: what is put into the object store is `JSON.stringify` of the value, and so is what is hashed here. */
export function commitmentOf(payload: OwnPayload): Commitment {
  if ('erased' in payload) return commitment(payload.erased);
  return 'stored' in payload ? commitment(payload.stored) : commitmentOfValue(payload.value);
}

function commitmentOfValue(value: JsonValue): Commitment {
  const json = JSON.stringify(value);
  return { sha256: hash('sha256', json, 'base64url'), bytes: Buffer.byteLength(json) };
}

function commitment({ sha256, bytes }: Commitment): Commitment {
  return { sha256, bytes };
}
