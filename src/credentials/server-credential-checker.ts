import { Inject, Injectable } from '@nestjs/common';
import type { Credential } from '#libs/credential-types';
import { mailServerOf } from '#libs/nodes';
import { OutboundMailError, type OutboundMail } from '#libs/outbound-mail';
import { OUTBOUND_MAIL } from '../node-types/tokens.ts';
import { CredentialChecker, type CredentialCheck } from './credential-checker.ts';

/** Who stores a credential waits for it. */
const CHECK_WITHIN_MS = 15_000;

/** Connects to the server that a credential is for, signs in and leaves. */
@Injectable()
export class ServerCredentialChecker extends CredentialChecker {
  constructor(@Inject(OUTBOUND_MAIL) private readonly mail: OutboundMail) {
    super();
  }

  async check(credential: Credential): Promise<CredentialCheck | undefined> {
    return credential.type === 'smtp' ? this.#signIn(credential) : undefined;
  }

  async #signIn(credential: Credential<'smtp'>): Promise<CredentialCheck> {
    try {
      const { encrypted } = await this.mail.check(mailServerOf(credential), { timeoutMs: CHECK_WITHIN_MS });
      return { ok: true, encrypted };
    } catch (error) {
      if (!(error instanceof OutboundMailError)) throw error;
      return { ok: false, code: error.code, message: error.message };
    }
  }
}
