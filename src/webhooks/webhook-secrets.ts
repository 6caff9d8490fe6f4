import { createHmac, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { RootKeys } from '../platform/root-keys.ts';
import { ROOT_KEYS } from '../platform/tokens.ts';

const PURPOSE = 'webhook-secrets';

/**
 * Secrets with which services sign what they send us, where Millrace itself told them. Nothing of them is stored: each is
 * derived from a root key and the webhook that it is for.
 */
@Injectable()
export class WebhookSecrets {
  /** Of the root key that the current ones are of. */
  readonly keyId: string;
  /** Whether there was another one before. */
  readonly hasEarlier: boolean;
  readonly #keys: readonly KeyObject[];

  constructor(@Inject(ROOT_KEYS) { current, all }: RootKeys) {
    this.keyId = current.id;
    this.hasEarlier = all.length > 1;
    this.#keys = all.map((root) => root.derive(PURPOSE));
  }

  /** Of each root key that is known, the current one's first: what was registered before a rotation still signs. */
  of(webhookId: string): readonly [current: string, ...earlier: string[]] {
    const [current = '', ...earlier] = this.#keys.map((key) => secretOf(key, webhookId));
    return [current, ...earlier];
  }
}

/** 43 letters that any service takes. */
function secretOf(key: KeyObject, webhookId: string): string {
  return createHmac('sha256', key).update(webhookId).digest('base64url');
}
