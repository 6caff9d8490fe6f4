import { buildAuthorizationUrl } from 'openid-client';
import { configurationOf } from './configuration.ts';
import { isLoopbackHttp } from './generic-provider.ts';
import { challengeOf, usesPkce } from './pkce.ts';
import type { AuthorizationRequest, OAuthClient, OAuthProvider } from './types.ts';

/** Where the browser goes to connect: a code, with PKCE S256. Throws TypeError for a redirect URI that is not exact. */
export function authorizationUrl(provider: OAuthProvider, client: OAuthClient, request: AuthorizationRequest): string {
  const { redirectUri, state, codeVerifier, scopes } = request;
  requireExact(redirectUri);
  const url = buildAuthorizationUrl(configurationOf(provider, client), {
    ...provider.authorizeParameters,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(provider.scopeSeparator) }),
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: redirectUri,
    state,
    ...(usesPkce(provider, client) ? { code_challenge: challengeOf(codeVerifier), code_challenge_method: 'S256' } : {}),
  });
  return url.href;
}

/** Providers compare it letter by letter, so it must be written in the one way that a URL is serialised. */
export function requireExact(redirectUri: string): void {
  const url = URL.parse(redirectUri);
  if (url?.href !== redirectUri) throw new TypeError('the redirect URI must be a URL in its normal form');
  if (url.protocol !== 'https:' && !isLoopbackHttp(url)) throw new TypeError('the redirect URI must be https');
  if (redirectUri !== url.origin + url.pathname)
    throw new TypeError('the redirect URI must not hold a query, a fragment, a user or a password');
}
