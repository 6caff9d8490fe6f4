import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config/config.ts';
import type { RootKeys } from '../platform/root-keys.ts';
import { CONFIG, ROOT_KEYS } from '../platform/tokens.ts';

const PURPOSE = 'resume-links';

/**
 * URLs by which whoever has one sends a waiting node its signal. Nothing of them is stored: a signature over execution and
 * node says that we made it, and the node no longer waits once it was used.
 */
@Injectable()
export class ResumeLinks {
  readonly #keys: readonly KeyObject[];
  readonly #base: string;

  constructor(@Inject(ROOT_KEYS) { all }: RootKeys, @Inject(CONFIG) { http }: Config) {
    this.#keys = all.map((root) => root.derive(PURPOSE));
    this.#base = http.publicUrl;
  }

  urlOf(executionId: string, nodeId: string): string {
    const [current] = this.#keys;
    return `${this.#base}/resume/${executionId}/${nodeId}/${current ? sign(current, executionId, nodeId) : ''}`;
  }

  /** Whether one of our root keys made this signature. */
  verify(executionId: string, nodeId: string, signature: string): boolean {
    // As written: the last letter of base64 has bits that say nothing, and one signature is to have one URL.
    const given = Buffer.from(signature);
    return this.#keys.some((key) => {
      const expected = Buffer.from(sign(key, executionId, nodeId));
      return given.length === expected.length && timingSafeEqual(given, expected);
    });
  }
}

function sign(key: KeyObject, executionId: string, nodeId: string): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([executionId, nodeId]))
    .digest('base64url');
}
