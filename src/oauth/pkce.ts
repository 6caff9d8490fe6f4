import { Inject, Injectable } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import { MillraceError } from '#libs/kernel';
import { pkceVerifierOf } from '#libs/oauth';
import type { RootKeys } from '../platform/root-keys.ts';
import { ROOT_KEYS } from '../platform/tokens.ts';

/** Verifiers of PKCE (RFC 7636), made anew from the state when they are needed: so none is stored anywhere. */
@Injectable()
export class PkceVerifiers {
  readonly #keys: ReadonlyMap<string, KeyObject>;
  readonly currentKeyId: string;

  constructor(@Inject(ROOT_KEYS) { current, all }: RootKeys) {
    this.#keys = new Map(all.map((root) => [root.id, root.derive('oauth-pkce')]));
    this.currentKeyId = current.id;
  }

  of(keyId: string, state: string): string {
    const key = this.#keys.get(keyId);
    if (!key)
      throw new MillraceError('malformed', 'OAUTH_STATE_UNKNOWN', 'it began under a key that is gone; begin again');
    return pkceVerifierOf(key.export(), state);
  }
}
