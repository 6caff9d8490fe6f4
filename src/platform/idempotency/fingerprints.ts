import { createHmac, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { RootKey, RootKeys } from '../root-keys.ts';
import { ROOT_KEYS } from '../tokens.ts';

/** What tells one request from another, and nothing of it. */
export interface Fingerprint {
  /** To be stored. */
  readonly current: string;
  /** What may be stored of the same request, by the id of each root key that is known. */
  readonly byRootKey: ReadonlyMap<string, string>;
}

interface NamedKey {
  /** Of the root key. */
  readonly id: string;
  readonly key: KeyObject;
}

const PURPOSE = 'idempotency-fingerprints';

/**
 * HMAC-SHA-256 under keys derived from the root keys. A plain digest would do to compare; but a body can hold a password,
 * and whoever has a dump of the table could try billions a second.
 */
@Injectable()
export class Fingerprints {
  readonly #current: NamedKey;
  readonly #older: readonly NamedKey[];

  constructor(@Inject(ROOT_KEYS) { current, all }: RootKeys) {
    this.#current = keyOf(current);
    this.#older = all.filter((root) => root !== current).map(keyOf);
  }

  of(parts: readonly unknown[]): Fingerprint {
    const text = JSON.stringify(parts);
    const current = macOf(text, this.#current);
    const older = this.#older.map((key) => [key.id, macOf(text, key)] as const);
    return { current, byRootKey: new Map([[this.#current.id, current], ...older]) };
  }
}

function keyOf(root: RootKey): NamedKey {
  return { id: root.id, key: root.derive(PURPOSE) };
}

function macOf(text: string, { key }: NamedKey): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}
