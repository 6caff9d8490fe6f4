import { allowInsecureRequests, ClientSecretPost, Configuration, None, type ClientAuth } from 'openid-client';
import { formEncoded } from './form-encoded.ts';
import { isLoopbackHttp } from './generic-provider.ts';
import type { OAuthClient, OAuthProvider } from './types.ts';

/** What openid-client knows of a provider and us. Its own issuer check is not used: `checkCallback` is stricter. */
export function configurationOf(provider: OAuthProvider, client: OAuthClient): Configuration {
  const { authorizationEndpoint, tokenEndpoint, revocationEndpoint } = provider;
  const server = {
    issuer: provider.issuer ?? authorizationEndpoint,
    authorization_endpoint: authorizationEndpoint,
    token_endpoint: tokenEndpoint,
    ...(revocationEndpoint === undefined ? {} : { revocation_endpoint: revocationEndpoint }),
  };
  const configuration = new Configuration(server, client.clientId, undefined, authenticationOf(provider, client));
  // The time of a request is that of the HTTP client, and ends with it; openid-client's own would outlive the request.
  configuration.timeout = 0;
  if (isInsecure([authorizationEndpoint, tokenEndpoint, revocationEndpoint])) allowInsecureRequests(configuration);
  return configuration;
}

function authenticationOf(provider: OAuthProvider, { clientSecret }: OAuthClient): ClientAuth {
  if (clientSecret === undefined || provider.clientAuthentication === 'none') return None();
  if (provider.clientAuthentication === 'post') return ClientSecretPost(clientSecret);
  return (_server, client, _body, headers) => {
    headers.set('authorization', basicOf(client.client_id, clientSecret));
  };
}

/**
 * RFC 6749, 2.3.1: both form-encoded first. openid-client encodes `-._` as well, which a server that does not decode
 * takes for another id; here these stay as they are, as in a form.
 */
export function basicOf(clientId: string, clientSecret: string): string {
  return `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64')}`;
}

/** Only where all that is not https stays on this machine. */
function isInsecure(endpoints: readonly (string | undefined)[]): boolean {
  const plain = endpoints
    .flatMap((endpoint) => URL.parse(endpoint ?? '') ?? [])
    .filter((url) => url.protocol !== 'https:');
  return plain.length > 0 && plain.every(isLoopbackHttp);
}
