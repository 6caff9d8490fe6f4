import { Injectable } from '@nestjs/common';
import type { CredentialSource, FoundCredential, OpenedCredential } from '#libs/execution-runtime';
import { OpenCredential } from './open-credential.ts';
import { RenewTokens } from './renew-tokens.ts';

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
    const opened: OpenedCredential = await this.opening.find(workspaceId, credentialId);
    if (opened.kind !== 'found' || opened.credential.type !== 'oauth2') return opened;
    return (await this.renewing.usable(workspaceId, opened.credential, refused)) ?? { kind: 'absent' };
  }
}
