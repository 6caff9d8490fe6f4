import { createHash } from 'node:crypto';
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

/** Hosts that tokens of the credential may go to: those that it is bound to, or else those of the provider. Empty for any. */
export function hostsOf({
  data,
  allowedHosts,
}: Pick<Credential<'oauth2'>, 'data' | 'allowedHosts'>): readonly string[] {
  return allowedHosts.length > 0 ? allowedHosts : providerOf(data).tokenHosts;
}

/** As nodes get it: what asks for new tokens stays here, and so do hosts that the service has nothing to do with. */
export function asNodesSeeIt(credential: Credential<'oauth2'>): Credential<'oauth2'> {
  const { data, ...rest } = credential;
  const { clientSecret: _, tokens, ...settings } = data;
  const allowedHosts = hostsOf(credential);
  if (!tokens) return { ...rest, allowedHosts, data: settings };
  const { refreshToken: __, ...shown } = tokens;
  return { ...rest, allowedHosts, data: { ...settings, tokens: shown } };
}

/**
 * What tokens were given to. Its secret may be changed without anybody's browser; where anything of it is sent to may not, as
 * whoever changes that would be sent the tokens.
 */
export function isSameClient(one: Settings, other: Settings): boolean {
  return clientDigestOf(one) === clientDigestOf(other);
}

export function clientDigestOf({ provider, endpoints, grant, clientId }: Settings): string {
  const sorted = Object.entries(endpoints ?? {}).toSorted(([name], [after]) => (name < after ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([provider, sorted, grant, clientId]))
    .digest('base64url');
}
