import { createHash } from 'node:crypto';
import type { Clock } from '#libs/kernel';
import { LRUCache } from 'lru-cache';
import type { AppCredential } from './credentials.ts';

export interface InstallationToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

/** It must outlive the call that it is taken for. */
const LEFT_MS = 5 * 60_000;
const MOST_KEPT = 1_000;

/**
 * The tokens of installations, of this process. They are kept by the credential and all of its data: an installation is a
 * number that anybody may write into a credential, and only who has the key of the app may have its token.
 */
export class InstallationTokens {
  readonly #kept = new LRUCache<string, InstallationToken>({ max: MOST_KEPT });
  readonly #underWay = new Map<string, Promise<InstallationToken>>();

  constructor(private readonly clock: Clock) {}

  /** Those who ask at once get the one that the first of them makes. Rejects as `make` does. */
  async tokenFor(credential: AppCredential, make: () => Promise<InstallationToken>): Promise<string> {
    const key = keyOf(credential);
    const kept = this.#kept.get(key);
    if (kept && kept.expiresAtMs - LEFT_MS > this.clock.nowMs()) return kept.token;
    const made = this.#underWay.get(key) ?? this.#make(key, make);
    return (await made).token;
  }

  /** The token was refused before its end, as when somebody revoked it; one that took its place stays. */
  forget(credential: AppCredential, refused: string): void {
    const key = keyOf(credential);
    if (this.#kept.get(key)?.token === refused) this.#kept.delete(key);
  }

  #make(key: string, make: () => Promise<InstallationToken>): Promise<InstallationToken> {
    const made = make()
      .then((token) => {
        this.#kept.set(key, token);
        return token;
      })
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, made);
    return made;
  }
}

function keyOf({ id, data }: AppCredential): string {
  return `${id}/${createHash('sha256').update(JSON.stringify(data)).digest('base64url')}`;
}
