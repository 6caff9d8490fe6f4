import { Injectable } from '@nestjs/common';
import type { Credential } from '#libs/credential-types';
import { OAuth, OAuthError } from '#libs/oauth';
import { CredentialRevoker } from '../credentials/credential-revoker.ts';
import { clientOf, providerOf } from '../credentials/oauth-settings.ts';
import { Logger } from '../platform/logging/logger.ts';

/** Ends the tokens of an account at its provider. */
@Injectable()
export class RevokeTokens extends CredentialRevoker {
  constructor(
    private readonly oauth: OAuth,
    private readonly logger: Logger,
  ) {
    super();
  }

  override async revoke(credential: Credential): Promise<void> {
    if (credential.type !== 'oauth2' || !credential.data.tokens) return;
    const { id, data } = credential;
    try {
      await this.oauth.revoke(providerOf(data), clientOf(data), credential.data.tokens);
    } catch (error) {
      const why = error instanceof OAuthError ? { code: error.code, why: error.message } : { error };
      this.logger.warn({ credentialId: id, ...why }, 'tokens that nobody uses any more were not revoked');
    }
  }
}
