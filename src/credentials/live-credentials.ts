import { Injectable } from '@nestjs/common';
import { setTimeout as elapsed } from 'node:timers/promises';
import type { Credential } from '#libs/credential-types';
import type { CredentialSource, FoundCredential } from '#libs/execution-runtime';
import { OpenCredential } from './open-credential.ts';
import { RenewTokens } from './renew-tokens.ts';

/**
 * An attempt waits no longer for a provider: then it has failed and its node says when it is tried again. The provider's
 * answer is for whoever comes then.
 */
const PATIENCE_MS = 5_000;
const NO_ANSWER: FoundCredential = {
  kind: 'notRenewed',
  why: 'the provider has not answered yet when it was asked for a new access token',
  retryable: true,
};

/** Credentials as attempts get them: accounts that people connected have an access token that is good. */
@Injectable()
export class LiveCredentials implements CredentialSource {
  constructor(
    private readonly opening: OpenCredential,
    private readonly renewing: RenewTokens,
  ) {}

  find(workspaceId: string, credentialId: string): Promise<FoundCredential> {
    return this.#usable(workspaceId, credentialId);
  }

  renew(workspaceId: string, credentialId: string, refused: string): Promise<FoundCredential> {
    return this.#usable(workspaceId, credentialId, refused);
  }

  async #usable(workspaceId: string, credentialId: string, refused?: string): Promise<FoundCredential> {
    const opened = await this.opening.find(workspaceId, credentialId);
    if (opened.kind !== 'found' || opened.credential.type !== 'oauth2') return opened;
    return this.#patiently(workspaceId, opened.credential, refused);
  }

  async #patiently(workspaceId: string, credential: Credential<'oauth2'>, refused?: string): Promise<FoundCredential> {
    const patience = new AbortController();
    try {
      const renewing = this.renewing.usable(workspaceId, credential, refused);
      const waited = elapsed(PATIENCE_MS, NO_ANSWER, { signal: patience.signal, ref: false }).catch(() => NO_ANSWER);
      return (await Promise.race([renewing, waited])) ?? { kind: 'absent' };
    } finally {
      patience.abort();
    }
  }
}
