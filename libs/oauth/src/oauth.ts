import {
  authorizationCodeGrant,
  clientCredentialsGrant,
  type Configuration,
  customFetch,
  refreshTokenGrant,
} from 'openid-client';
import { askProvider, type OAuthRequests } from './ask-provider.ts';
import { requireExact } from './authorization-url.ts';
import { checkCallback } from './check-callback.ts';
import { configurationOf } from './configuration.ts';
import { OAuthError } from './errors.ts';
import { usesPkce } from './pkce.ts';
import { revokeTokens } from './revoke.ts';
import { bodyText, throughLibrary } from './through-library.ts';
import { readTokenAnswer, tokensOf, type TokenAnswer } from './token-answer.ts';
import type { Callback, OAuthClient, OAuthProvider, OAuthTokens } from './types.ts';

/** Asks providers for tokens, over openid-client. One try each, and OAuthError alone: when to try again is the caller's. */
export class OAuth {
  readonly #requests: OAuthRequests;

  constructor(requests: OAuthRequests) {
    this.#requests = requests;
  }

  /** Checks who sent the browser back, and with what, before anything is sent; the code is good for one call. */
  async exchangeCode(provider: OAuthProvider, client: OAuthClient, callback: Callback): Promise<OAuthTokens> {
    const { redirectUri, state, codeVerifier } = callback;
    requireExact(redirectUri);
    const code = checkCallback(provider, callback);
    // Where the callback came to may be written otherwise by a proxy; what the provider compares is what it was sent.
    const answered = new URL(redirectUri);
    answered.search = new URLSearchParams({ code, state }).toString();
    const verifier = usesPkce(provider, client) ? { pkceCodeVerifier: codeVerifier } : {};
    return this.#tokens(provider, client, [code, codeVerifier], (configuration) =>
      authorizationCodeGrant(configuration, answered, { expectedState: state, ...verifier }),
    );
  }

  /** Keeps the refresh token and the scope when the answer brings no others. */
  async refresh(provider: OAuthProvider, client: OAuthClient, tokens: OAuthTokens): Promise<OAuthTokens> {
    const { refreshToken, scope } = tokens;
    if (refreshToken === undefined)
      throw new OAuthError('INVALID_GRANT', 'the provider gave no refresh token: connect again');
    const fresh = await this.#tokens(provider, client, [refreshToken, tokens.accessToken], (configuration) =>
      refreshTokenGrant(configuration, refreshToken),
    );
    return { refreshToken, ...(scope === undefined ? {} : { scope }), ...fresh };
  }

  async clientCredentials(
    provider: OAuthProvider,
    client: OAuthClient,
    scopes: readonly string[],
  ): Promise<OAuthTokens> {
    const parameters = new URLSearchParams();
    if (scopes.length > 0) parameters.set('scope', scopes.join(provider.scopeSeparator));
    return this.#tokens(provider, client, [], (configuration) => clientCredentialsGrant(configuration, parameters));
  }

  /** Resolves as well when the tokens were no longer good, and when the provider knows no revocation. */
  async revoke(provider: OAuthProvider, client: OAuthClient, tokens: OAuthTokens): Promise<void> {
    const secrets = [client.clientSecret ?? '', tokens.accessToken, tokens.refreshToken ?? ''];
    await revokeTokens({ requests: this.#requests, provider, client, tokens, secrets });
  }

  async #tokens(
    provider: OAuthProvider,
    client: OAuthClient,
    secrets: readonly string[],
    grant: (configuration: Configuration) => Promise<unknown>,
  ): Promise<OAuthTokens> {
    const askedAtMs = this.#requests.clock.nowMs();
    const configuration = configurationOf(provider, client);
    let answer: TokenAnswer | undefined;
    configuration[customFetch] = async (url, { method, headers, body }) => {
      const request = { method, url, headers, body: bodyText(body), secrets: [client.clientSecret ?? '', ...secrets] };
      answer = readTokenAnswer(provider, await askProvider(this.#requests, request));
      return Response.json(answer);
    };
    await throughLibrary(() => grant(configuration));
    if (!answer) throw new OAuthError('INVALID_ANSWER', 'the provider was not asked');
    return tokensOf(answer, askedAtMs);
  }
}
