import type { CredentialType, TypedData } from '#libs/credential-types';
import { InvariantError } from '#libs/kernel';
import { basicVerifier, bearerVerifier } from './logins.ts';
import { githubVerifier, hmacVerifier, slackVerifier, stripeVerifier } from './providers.ts';
import { standardKeyOf, standardWebhooksVerifier } from './standard-webhooks.ts';
import type { Verifier, VerifyConfig } from './types.ts';

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

/** Why nothing can be verified with the credential, in words for its owner; they never hold a secret. */
export function problemOf({ scheme }: VerifyConfig, credential: TypedData): string | undefined {
  const types = CREDENTIALS_OF[scheme];
  if (!types.includes(credential.type))
    return `${scheme} is verified with a credential of type ${types.join(' or ')}, and this one is ${credential.type}`;
  if (scheme === 'standard-webhooks' && !secretsIn(credential).every(standardKeyOf))
    return 'secrets of standard-webhooks are whsec_ and the base64 of 24 to 64 bytes, or whpk_ and that of an Ed25519 public key';
  return undefined;
}

type SecretScheme = Exclude<VerifyConfig['scheme'], 'basic'>;
type Make<Scheme extends SecretScheme = SecretScheme> = (
  secrets: readonly string[],
  config: Extract<VerifyConfig, { readonly scheme: Scheme }>,
) => Verifier;

const VERIFIERS: { readonly [Scheme in SecretScheme]: Make<Scheme> } = {
  bearer: bearerVerifier,
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
  if (config.scheme !== 'basic') {
    const make = VERIFIERS[config.scheme] as Make;
    return make(secretsIn(credential), config);
  }
  if (credential.type === 'http.basic') return basicVerifier(credential.data);
  throw new InvariantError('only a credential of type http.basic verifies a basic login');
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
