import { Inject, Injectable } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import { MillraceError, type Clock } from '#libs/kernel';
import type { Route } from '#libs/webhook-routes';
import { secretVerifierOf, type Refusal, type Verifier } from '#libs/webhook-signatures';
import { CLOCK } from '../platform/tokens.ts';
import { WebhookSecrets } from './webhook-secrets.ts';
import { WebhookVerifiers } from './webhook-verifiers.ts';

const CODES: Readonly<Record<Refusal, string>> = {
  missing: 'SIGNATURE_MISSING',
  malformed: 'SIGNATURE_MALFORMED',
  expired: 'SIGNATURE_EXPIRED',
  mismatch: 'SIGNATURE_MISMATCH',
};
const WHAT: Readonly<Record<Refusal, string>> = {
  missing: 'the call does not prove where it comes from',
  malformed: 'the signature of the call can not be read',
  expired: 'the call was signed too long ago, or the clock of its sender is wrong',
  mismatch: 'the call was not signed with the secret of this webhook, or was changed on its way',
};

type Verify = NonNullable<Route['verify']>;

/** Whether a call comes from who may call. Throws 401. */
@Injectable()
export class VerifyCall {
  constructor(
    private readonly verifiers: WebhookVerifiers,
    private readonly secrets: WebhookSecrets,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async check(route: Route, call: { readonly headers: IncomingHttpHeaders; readonly body: Uint8Array }): Promise<void> {
    const { verify } = route;
    if (!verify) return;
    const verifier = await this.#verifierOf(route, verify);
    const refusal = verifier(call, this.clock.nowMs());
    if (refusal === undefined) return;
    throw new MillraceError('unauthenticated', CODES[refusal], `${WHAT[refusal]} (${verify.scheme})`, {
      challenge: challengeOf(verify),
    });
  }

  #verifierOf({ workspaceId, webhookId }: Route, verify: Verify): Verifier | Promise<Verifier> {
    if ('credentialId' in verify) return this.verifiers.of({ workspaceId, verify });
    return secretVerifierOf(verify, this.secrets.of(webhookId));
  }
}

/** RFC 9110 wants one with every 401; a signature has no scheme of its own there. */
function challengeOf({ scheme }: Verify): string {
  if (scheme === 'basic') return 'Basic realm="webhook", charset="UTF-8"';
  return scheme === 'bearer' ? 'Bearer realm="webhook"' : `Signature realm="webhook", scheme="${scheme}"`;
}
