import { createOutboundHttp } from '#libs/outbound-http';
import { authorizationUrl, OAuth, pkceVerifierOf, type Callback, type OAuthTokens } from './index.ts';
import { startOidcProvider, walkAuthorization, type OidcServer } from './testing/index.ts';

const redirectUri = 'http://127.0.0.1:8080/v1/oauth/callback';
const state = 'state-of-this-attempt';
const codeVerifier = pkceVerifierOf(Buffer.from('a key of 32 bytes, from the root'), state);
const clock = { nowMs: () => Date.parse('2026-11-29T12:00:00.000Z') };

describe('OAuth, at a real provider', () => {
  const http = createOutboundHttp({ allowPrivateNetwork: true });
  const oauth = new OAuth({ http, clock });
  let server: OidcServer;

  beforeAll(async () => {
    server = await startOidcProvider({ redirectUris: [redirectUri], accessTokenSeconds: 900 });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await http[Symbol.asyncDispose]();
  });

  function walk(at: OidcServer, changed: { readonly refuse?: boolean; readonly redirectUri?: string } = {}) {
    const request = { redirectUri, state, codeVerifier, scopes: ['read', 'write'], ...changed };
    return walkAuthorization(authorizationUrl(at.provider, at.client, request), changed);
  }

  function exchange(at: OidcServer, callbackUrl: URL, changed: Partial<Callback> = {}): Promise<OAuthTokens> {
    const callback = { callbackUrl, redirectUri, state, codeVerifier, ...changed };
    return oauth.exchangeCode(at.provider, at.client, callback);
  }

  async function connect(at: OidcServer): Promise<OAuthTokens> {
    return exchange(at, await walk(at));
  }

  it('connects, with all that the provider gives', async () => {
    const tokens = await connect(server);
    const { accessToken, refreshToken, ...rest } = tokens;
    expect(accessToken).toMatch(/^[\w-]{43}$/);
    expect(refreshToken).toMatch(/^[\w-]{43}$/);
    expect(rest).toEqual({ expiresAt: '2026-11-29T12:15:00.000Z', scope: 'read write', tokenType: 'bearer' });
    expect(await server.isActive(accessToken)).toBe(true);
  });

  it.each(['post', 'none'] as const)('proves itself with %s', async (clientAuthentication) => {
    await using other = await startOidcProvider({ redirectUris: [redirectUri], clientAuthentication });
    expect(await connect(other)).toHaveProperty('accessToken');
  });

  it('takes only the query of a callback: what it came to may be written otherwise by a proxy', async () => {
    const { search } = await walk(server);
    expect(await exchange(server, new URL(`http://inside:3000/x${search}`))).toHaveProperty('accessToken');
  });

  it('gets a token for itself', async () => {
    const tokens = await oauth.clientCredentials(server.provider, server.client, ['read']);
    expect(tokens).toMatchObject({ scope: 'read', expiresAt: '2026-11-29T12:15:00.000Z', tokenType: 'bearer' });
    expect(tokens).not.toHaveProperty('refreshToken');
    const refused = oauth.clientCredentials(server.provider, { ...server.client, clientSecret: 'wrong' }, []);
    await expect(refused).rejects.toMatchObject({ code: 'PROVIDER_REFUSED', providerError: 'invalid_client' });
  });

  describe('refresh', () => {
    it('brings new tokens, and the refresh token of a provider that rotates', async () => {
      const tokens = await connect(server);
      const fresh = await oauth.refresh(server.provider, server.client, tokens);
      expect(fresh).toMatchObject({ scope: 'read write', expiresAt: '2026-11-29T12:15:00.000Z' });
      expect(fresh.accessToken).not.toBe(tokens.accessToken);
      expect(fresh.refreshToken).not.toBe(tokens.refreshToken);
      const again = await oauth.refresh(server.provider, server.client, fresh);
      expect(await server.isActive(again.accessToken)).toBe(true);
    });

    it('goes on with the refresh token of a provider that does not', async () => {
      await using other = await startOidcProvider({ redirectUris: [redirectUri], rotateRefreshTokens: false });
      const tokens = await connect(other);
      const fresh = await oauth.refresh(other.provider, other.client, tokens);
      expect(fresh.refreshToken).toBe(tokens.refreshToken);
      expect(other.tokenCalls).toEqual([{ grantType: 'authorization_code' }, { grantType: 'refresh_token' }]);
    });

    it('with a refresh token that was used is refused, and ends what came of it', async () => {
      const tokens = await connect(server);
      const fresh = await oauth.refresh(server.provider, server.client, tokens);
      const invalid = { code: 'INVALID_GRANT', retryable: false, providerError: 'invalid_grant' };
      await expect(oauth.refresh(server.provider, server.client, tokens)).rejects.toMatchObject(invalid);
      await expect(oauth.refresh(server.provider, server.client, fresh)).rejects.toMatchObject(invalid);
      expect(await server.isActive(fresh.accessToken)).toBe(false);
    });

    it('after access was taken away, or without a refresh token, asks to connect again', async () => {
      await using other = await startOidcProvider({ redirectUris: [redirectUri] });
      const tokens = await connect(other);
      other.forgetGrants();
      const refused = oauth.refresh(other.provider, other.client, tokens);
      await expect(refused).rejects.toMatchObject({ code: 'INVALID_GRANT' });
      const { refreshToken: _, ...rest } = tokens;
      const unasked = oauth.refresh(other.provider, other.client, rest);
      await expect(unasked).rejects.toMatchObject({ code: 'INVALID_GRANT', providerError: undefined });
      expect(other.tokenCalls.filter(({ grantType }) => grantType === 'refresh_token')).toHaveLength(1);
    });

    it.each([500, 503, 429])('is worth another try after status %i', async (status) => {
      await using other = await startOidcProvider({ redirectUris: [redirectUri] });
      const tokens = await connect(other);
      other.failTokenCalls(status);
      const failed = oauth.refresh(other.provider, other.client, tokens);
      await expect(failed).rejects.toMatchObject({ code: 'PROVIDER_AWAY', retryable: true, retryAfterMs: 7_000 });
      other.failTokenCalls();
      expect(await oauth.refresh(other.provider, other.client, tokens)).toHaveProperty('accessToken');
    });
  });

  describe('revoke', () => {
    it('ends both tokens, and is done when they were ended before', async () => {
      const tokens = await connect(server);
      await oauth.revoke(server.provider, server.client, tokens);
      expect(await server.isActive(tokens.accessToken)).toBe(false);
      const refresh = oauth.refresh(server.provider, server.client, tokens);
      await expect(refresh).rejects.toMatchObject({ code: 'INVALID_GRANT' });
      await oauth.revoke(server.provider, server.client, tokens);
    });

    it('of a client that is not known is refused', async () => {
      const tokens = await connect(server);
      const revoke = oauth.revoke(server.provider, { clientId: 'x', clientSecret: 'y' }, tokens);
      await expect(revoke).rejects.toMatchObject({ code: 'PROVIDER_REFUSED', providerError: 'invalid_client' });
      expect(await server.isActive(tokens.accessToken)).toBe(true);
    });
  });

  describe('attacks (RFC 9700)', () => {
    it('a callback from another provider is refused before its code goes anywhere', async () => {
      await using evil = await startOidcProvider({ redirectUris: [redirectUri] });
      const callbackUrl = await walk(evil);
      const calls = server.tokenCalls.length;
      await expect(exchange(server, callbackUrl)).rejects.toMatchObject({ code: 'ISSUER_MISMATCH', retryable: false });
      expect([server.tokenCalls.length, evil.tokenCalls.length]).toEqual([calls, 0]);
    });

    it('so is an error from another provider', async () => {
      await using evil = await startOidcProvider({ redirectUris: [redirectUri] });
      const callbackUrl = await walk(evil, { refuse: true });
      await expect(exchange(server, callbackUrl)).rejects.toMatchObject({ code: 'ISSUER_MISMATCH' });
    });

    it.each<[string, (query: URLSearchParams, iss: string) => void]>([
      ['without iss', (query) => query.delete('iss')],
      ['with an empty iss', (query) => query.set('iss', '')],
      ['with a second iss', (query, iss) => query.append('iss', iss)],
      ['with an iss that only begins right', (query, iss) => query.set('iss', `${iss}/`)],
    ])('a callback %s is refused', async (_how, change) => {
      const callbackUrl = await walk(server);
      change(callbackUrl.searchParams, server.issuer);
      await expect(exchange(server, callbackUrl)).rejects.toMatchObject({ code: 'ISSUER_MISMATCH' });
    });

    it.each<[string, (query: URLSearchParams) => void]>([
      ['state of another attempt', (query) => query.set('state', 'of-another')],
      ['no state', (query) => query.delete('state')],
      ['two states', (query) => query.append('state', state)],
      ['two codes', (query) => query.append('code', 'c')],
      ['no code', (query) => query.delete('code')],
      ['an empty code', (query) => query.set('code', '')],
    ])('a callback with %s is refused, and no code is sent', async (_how, change) => {
      const callbackUrl = await walk(server);
      change(callbackUrl.searchParams);
      const calls = server.tokenCalls.length;
      await expect(exchange(server, callbackUrl)).rejects.toMatchObject({ code: 'INVALID_ANSWER' });
      expect(server.tokenCalls).toHaveLength(calls);
    });

    it('a code is good once, and a second use ends what came of the first', async () => {
      const callbackUrl = await walk(server);
      const tokens = await exchange(server, callbackUrl);
      await expect(exchange(server, callbackUrl)).rejects.toMatchObject({ code: 'INVALID_GRANT' });
      expect(await server.isActive(tokens.accessToken)).toBe(false);
    });

    it('a code with the verifier of another attempt is refused', async () => {
      const changed = { codeVerifier: pkceVerifierOf(Buffer.from('key'), 'another') };
      await expect(exchange(server, await walk(server), changed)).rejects.toMatchObject({ code: 'INVALID_GRANT' });
    });

    it('a code with another redirect URI than it was asked for is refused', async () => {
      const changed = { redirectUri: 'http://127.0.0.1:8080/v1/oauth/other' };
      await expect(exchange(server, await walk(server), changed)).rejects.toMatchObject({ code: 'INVALID_GRANT' });
    });

    it.each([
      'http://127.0.0.1:8080/v1/oauth/callback/more',
      'http://127.0.0.1:8080/v1/oauth/callbackmore',
      'https://127.0.0.1:8080/v1/oauth/callback',
      'https://evil.example/v1/oauth/callback',
    ])('the provider sends nobody to %s', async (other) => {
      await expect(walk(server, { redirectUri: other })).rejects.toThrow('the provider shows a page: 400');
    });

    it('the person who says no is told apart', async () => {
      const callbackUrl = await walk(server, { refuse: true });
      expect(callbackUrl.searchParams.get('error_description')).toBe('<b>no</b>');
      const refused = exchange(server, callbackUrl);
      await expect(refused).rejects.toMatchObject({
        code: 'ACCESS_DENIED',
        message: 'access was denied at the provider: access_denied',
        providerError: 'access_denied',
      });
    });

    it.each(['<script>alert(1)</script>', 'a\r\nb', 'x'.repeat(65), 'not a code', ''])(
      'an error of %j is not repeated',
      async (error) => {
        const callbackUrl = new URL(redirectUri);
        const query = { iss: server.issuer, state, error, error_description: '<b>bold</b>', error_uri: 'https://evil' };
        callbackUrl.search = new URLSearchParams(query).toString();
        await expect(exchange(server, callbackUrl)).rejects.toMatchObject({
          code: 'PROVIDER_REFUSED',
          message: 'the provider refused',
          providerError: undefined,
        });
      },
    );

    it.each(['constructor', '__proto__', 'toString'])('an error named %s is just a name', async (error) => {
      const callbackUrl = new URL(redirectUri);
      callbackUrl.search = new URLSearchParams({ iss: server.issuer, state, error }).toString();
      await expect(exchange(server, callbackUrl)).rejects.toMatchObject({ code: 'PROVIDER_REFUSED' });
    });
  });
});
