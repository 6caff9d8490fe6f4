import type { Credential } from '#libs/credential-types';
import { genericProvider, OAUTH_PROVIDERS, type OAuthClient, type OAuthProvider } from '#libs/oauth';
import { InvariantError } from '#libs/kernel';

type Settings = Credential<'oauth2'>['data'];
export type Tokens = NonNullable<Settings['tokens']>;

/** Where the client of a credential is registered. */
export function providerOf({ provider, endpoints }: Pick<Settings, 'provider' | 'endpoints'>): OAuthProvider {
  if (provider === 'generic') {
    if (!endpoints) throw new InvariantError('a generic provider without endpoints was stored');
    // A client that is itself the account has no page to send anybody to, and nobody asks for it.
    const { authorizationEndpoint = endpoints.tokenEndpoint } = endpoints;
    return genericProvider({ ...endpoints, authorizationEndpoint });
  }
  const known = OAUTH_PROVIDERS.find(({ name }) => name === provider);
  if (!known) throw new InvariantError(`there is no provider ${provider}`);
  return known;
}

export function clientOf({ clientId, clientSecret }: Settings): OAuthClient {
  return clientSecret === undefined ? { clientId } : { clientId, clientSecret };
}

/** As nodes get it: what asks for new tokens stays here, and so do hosts that the service has nothing to do with. */
export function asNodesSeeIt({ data, allowedHosts, ...rest }: Credential<'oauth2'>): Credential<'oauth2'> {
  const { clientSecret: _, tokens, ...settings } = data;
  const hosts = allowedHosts.length > 0 ? allowedHosts : providerOf(data).tokenHosts;
  if (!tokens) return { ...rest, allowedHosts: hosts, data: settings };
  const { refreshToken: __, ...shown } = tokens;
  return { ...rest, allowedHosts: hosts, data: { ...settings, tokens: shown } };
}

/** Tokens of before stay good for the same client at the same provider, such as after its secret was changed. */
export function isSameClient(one: Settings, other: Settings): boolean {
  const keyOf = ({ provider, endpoints, grant, clientId }: Settings): string =>
    JSON.stringify([provider, endpoints?.tokenEndpoint, endpoints?.authorizationEndpoint, grant, clientId]);
  return keyOf(one) === keyOf(other);
}
