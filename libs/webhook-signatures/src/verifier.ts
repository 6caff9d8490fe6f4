import type { CredentialType, TypedData } from '#libs/credential-types';
import { InvariantError } from '#libs/kernel';
import { basicVerifier, bearerVerifier } from './logins.ts';
import { githubVerifier, hmacVerifier, slackVerifier, stripeVerifier } from './providers.ts';
import { standardKeyOf, standardWebhooksVerifier } from './standard-webhooks.ts';
import type { SecretVerify, Verifier, VerifyConfig } from './types.ts';

/** Types of credential that a scheme can verify with. */
export const CREDENTIALS_OF: Readonly<Record<VerifyConfig['scheme'], readonly CredentialType[]>> = {
  basic: ['http.basic'],
  bearer: ['http.bearer', 'webhook.secret'],
  hmac: ['webhook.secret'],
  'standard-webhooks': ['webhook.secret'],
  github: ['webhook.secret'],
  slack: ['webhook.secret'],
  stripe: ['webhook.secret'],
};

/** Why nothing can be verified with any credential of the type, also of one that a connector brings. */
export function unfitType({ scheme }: Pick<VerifyConfig, 'scheme'>, type: string): string | undefined {
  const types: readonly string[] = CREDENTIALS_OF[scheme];
  if (types.includes(type)) return undefined;
  return `${scheme} is verified with a credential of type ${types.join(' or ')}, and this one is ${type}`;
}

/** Why nothing can be verified with the credential, in words for its owner; they never hold a secret. */
export function problemOf({ scheme }: VerifyConfig, credential: TypedData): string | undefined {
  const unfit = unfitType({ scheme }, credential.type);
  if (unfit !== undefined) return unfit;
  if (scheme === 'standard-webhooks' && !secretsIn(credential).every(standardKeyOf))
    return 'secrets of standard-webhooks are whsec_ and the base64 of 24 to 64 bytes, or whpk_ and that of an Ed25519 public key';
  return undefined;
}

type Make<Scheme extends SecretVerify['scheme']> = (
  secrets: readonly string[],
  config: Extract<SecretVerify, { readonly scheme: Scheme }>,
) => Verifier;

const VERIFIERS: { readonly [Scheme in SecretVerify['scheme']]: Make<Scheme> } = {
  hmac: hmacVerifier,
  'standard-webhooks': (secrets, { toleranceSeconds }) => standardWebhooksVerifier(secrets, toleranceSeconds),
  github: githubVerifier,
  slack: (secrets, { toleranceSeconds }) => slackVerifier(secrets, toleranceSeconds),
  stripe: (secrets, { toleranceSeconds }) => stripeVerifier(secrets, toleranceSeconds),
};

/** Throws when `problemOf` says why: a webhook that can't be verified must not answer. */
export function verifierOf(config: VerifyConfig, credential: TypedData): Verifier {
  const problem = problemOf(config, credential);
  if (problem !== undefined) throw new TypeError(problem);
  if (config.scheme === 'bearer') return bearerVerifier(secretsIn(credential), config);
  if (config.scheme !== 'basic') return secretVerifierOf(config, secretsIn(credential));
  if (credential.type === 'http.basic') return basicVerifier(credential.data);
  throw new InvariantError('only a credential of type http.basic verifies a basic login');
}

/** Any of the secrets may have signed. */
export function secretVerifierOf(config: SecretVerify, secrets: readonly string[]): Verifier {
  const make = VERIFIERS[config.scheme] as (secrets: readonly string[], config: SecretVerify) => Verifier;
  return make(secrets, config);
}

/** The newest first. */
function secretsIn(credential: TypedData): readonly string[] {
  switch (credential.type) {
    case 'http.bearer':
      return [credential.data.token];
    case 'webhook.secret': {
      const { secret, previousSecret } = credential.data;
      return previousSecret === undefined ? [secret] : [secret, previousSecret];
    }
    default:
      return [];
  }
}
