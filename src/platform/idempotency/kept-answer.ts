import type { KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { InvariantError } from '#libs/kernel';
import { seal, tryOpen } from '#libs/sealing';
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
  readonly bytes: Buffer;
}

const PURPOSE = 'idempotency-answers';

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
    const { id, key } = this.#current;
    return { keyId: id, bytes: seal(key, Buffer.from(JSON.stringify(answer)), rowId) };
  }

  /** Undefined when its root key is no longer there. Throws when it was tampered with. */
  open(rowId: string, { keyId, bytes }: SealedAnswer): KeptAnswer | undefined {
    const key = this.#keys.get(keyId);
    if (!key) return undefined;
    const text = tryOpen(key, bytes, rowId);
    if (!text) throw new InvariantError('an answer that was kept does not open in its row');
    return keptAnswer.parse(JSON.parse(text.toString()));
  }
}
