import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { RootKeys } from '../root-keys.ts';
import { ROOT_KEYS } from '../tokens.ts';

/** Of an answer's body as JSON. Larger than any definition, and small enough for a table. */
export const MAX_KEPT_BYTES = 2 * 1024 * 1024;

const keptAnswer = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  /** JSON; null for none. Absent when it was larger than MAX_KEPT_BYTES. */
  body: z.string().nullable().optional(),
});
/** A first answer, as it is given again. */
export type KeptAnswer = z.output<typeof keptAnswer>;

/** An answer as it is stored: encrypted, as it may hold an API key or tokens. */
export interface SealedAnswer {
  /** The root key that its key was derived from. */
  readonly keyId: string;
  /** Nonce, ciphertext, tag. */
  readonly bytes: Buffer;
}

const PURPOSE = 'idempotency-answers';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals answers for one row each: what is copied into another row does not open. */
@Injectable()
export class AnswerSeal {
  readonly #current: { readonly id: string; readonly key: KeyObject };
  readonly #keys: ReadonlyMap<string, KeyObject>;

  constructor(@Inject(ROOT_KEYS) { current, all }: RootKeys) {
    this.#current = { id: current.id, key: current.derive(PURPOSE) };
    this.#keys = new Map(all.map((root) => [root.id, root.derive(PURPOSE)]));
  }

  seal(rowId: string, answer: KeptAnswer): SealedAnswer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#current.key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(rowId));
    const text = cipher.update(JSON.stringify(answer), 'utf8');
    const bytes = Buffer.concat([nonce, text, cipher.final(), cipher.getAuthTag()]);
    return { keyId: this.#current.id, bytes };
  }

  /** Undefined when its root key is no longer there. Throws when it was tampered with. */
  open(rowId: string, { keyId, bytes }: SealedAnswer): KeptAnswer | undefined {
    const key = this.#keys.get(keyId);
    if (!key) return undefined;
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(rowId));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
    return keptAnswer.parse(JSON.parse(Buffer.concat([text, decipher.final()]).toString()));
  }
}
