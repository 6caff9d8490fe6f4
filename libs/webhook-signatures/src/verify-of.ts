import type { SecretVerify, VerifyConfig } from './types.ts';

/** How far the time of a signature may be from ours, where nobody says otherwise. */
export const TOLERANCE_SECONDS = 300;

/** Where a sender of its own making is taken to have its signature, where nobody says otherwise. */
export const HMAC_DEFAULTS = { algorithm: 'sha256', header: 'x-signature', encoding: 'hex', prefix: '' } as const;

/** A scheme and nothing else of it; without a credential calls are signed with secrets that are in none. */
export interface Proof {
  readonly scheme: SecretVerify['scheme'];
  readonly credentialId?: string;
}

const RULES: { readonly [Scheme in SecretVerify['scheme']]: Extract<SecretVerify, { readonly scheme: Scheme }> } = {
  github: { scheme: 'github' },
  slack: { scheme: 'slack', toleranceSeconds: TOLERANCE_SECONDS },
  stripe: { scheme: 'stripe', toleranceSeconds: TOLERANCE_SECONDS },
  'standard-webhooks': { scheme: 'standard-webhooks', toleranceSeconds: TOLERANCE_SECONDS },
  hmac: { scheme: 'hmac', ...HMAC_DEFAULTS, toleranceSeconds: TOLERANCE_SECONDS },
};

/** With the defaults of the scheme. */
export function verifyOf({ scheme, credentialId }: Proof): VerifyConfig | SecretVerify {
  const rules = RULES[scheme];
  return credentialId === undefined ? rules : { ...rules, credentialId };
}
