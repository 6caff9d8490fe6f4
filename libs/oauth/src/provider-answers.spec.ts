import type { RequestListener } from 'node:http';
import { createOutboundHttp } from '#libs/outbound-http';
import { startServer, type TestServer } from '#libs/outbound-http/testing';
import { genericProvider, OAuth, OAUTH_PROVIDERS, type OAuthProvider, type OAuthTokens } from './index.ts';

const client = { clientId: '2141029472.691202649728', clientSecret: 'e1b9e11dfcd1' };
const tokens = { accessToken: 'access-1', refreshToken: 'refresh-1', scope: 'a b', tokenType: 'bearer' };
const clock = { nowMs: () => Date.parse('2026-11-29T12:00:00.000Z') };
const http = createOutboundHttp({ allowPrivateNetwork: true });
const oauth = new OAuth({ http, clock, timeoutMs: 5_000 });
afterAll(() => http[Symbol.asyncDispose]());

function named(name: string, { url }: TestServer): OAuthProvider {
  const provider = OAUTH_PROVIDERS.find((one) => one.name === name)!;
  const { revocationEndpoint = '' } = provider;
  const revocationPath = revocationEndpoint === '' ? '' : url + revocationEndpoint.replace(/^https:\/\/[^/]+/, '');
  return { ...provider, tokenEndpoint: `${url}/token`, revocationEndpoint: revocationPath };
}

function generic({ url }: TestServer): OAuthProvider {
  const endpoints = { authorizationEndpoint: `${url}/auth`, tokenEndpoint: `${url}/token` };
  return genericProvider({ ...endpoints, revocationEndpoint: `${url}/revoke` });
}

function json(body: unknown, status = 200): RequestListener {
  return (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

function text(body: string, type: string, status = 200): RequestListener {
  return (_request, response) => response.writeHead(status, { 'content-type': type }).end(body);
}

function exchange(provider: OAuthProvider): Promise<OAuthTokens> {
  const redirectUri = 'https://millrace.example/v1/oauth/callback';
  const callbackUrl = new URL(`${redirectUri}?code=code-1&state=s-1`);
  return oauth.exchangeCode(provider, client, { callbackUrl, redirectUri, state: 's-1', codeVerifier: 'v'.repeat(43) });
}

const basic = `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`;

describe('Slack', () => {
  // The shape that docs.slack.dev publishes for oauth.v2.access.
  const installed = {
    ok: true,
    access_token: 'xoxb-bot',
    token_type: 'bot',
    scope: 'commands,incoming-webhook',
    bot_user_id: 'U0KRQLJ9H',
    app_id: 'A0KRD7HC3',
    team: { name: 'A Team', id: 'T9TK3CUKW' },
    enterprise: null,
    authed_user: { id: 'U1234', scope: 'chat:write', access_token: 'xoxp-person', token_type: 'user' },
  };

  it('gives the token of the bot', async () => {
    await using server = await startServer(json(installed));
    expect(await exchange(named('slack', server))).toEqual({
      accessToken: 'xoxb-bot',
      scope: 'commands,incoming-webhook',
      tokenType: 'bearer',
    });
    expect(server.requests[0]).toMatchObject({ method: 'POST', headers: { authorization: basic } });
    expect(Object.fromEntries(new URLSearchParams(server.requests[0]!.body))).toEqual({
      grant_type: 'authorization_code',
      code: 'code-1',
      redirect_uri: 'https://millrace.example/v1/oauth/callback',
    });
  });

  it('gets no verifier where PKCE was left out', async () => {
    await using server = await startServer(json(installed));
    await exchange({ ...named('slack', server), pkce: 'public-clients' });
    expect(new URLSearchParams(server.requests[0]!.body).has('code_verifier')).toBe(false);
  });

  it('gives the token of the person when only that was asked for', async () => {
    const { access_token: _token, token_type: _type, scope: _scope, ...rest } = installed;
    await using server = await startServer(json(rest));
    const expected = { accessToken: 'xoxp-person', scope: 'chat:write', tokenType: 'bearer' };
    expect(await exchange(named('slack', server))).toEqual(expected);
  });

  it('rotates', async () => {
    const answer = { ...installed, access_token: 'xoxe.xoxb-1', expires_in: 43_200, refresh_token: 'xoxe-1' };
    await using server = await startServer(json(answer));
    expect(await oauth.refresh(named('slack', server), client, tokens)).toEqual({
      accessToken: 'xoxe.xoxb-1',
      refreshToken: 'xoxe-1',
      expiresAt: '2026-11-30T00:00:00.000Z',
      scope: 'commands,incoming-webhook',
      tokenType: 'bearer',
    });
  });

  it.each([
    ['invalid_refresh_token', 'INVALID_GRANT'],
    ['token_revoked', 'INVALID_GRANT'],
    ['invalid_code', 'INVALID_GRANT'],
    ['bad_client_secret', 'PROVIDER_REFUSED'],
    ['ratelimited', 'PROVIDER_AWAY'],
    ['internal_error', 'PROVIDER_AWAY'],
  ])('says %s with status 200', async (error, code) => {
    await using server = await startServer(json({ ok: false, error }));
    const refused = oauth.refresh(named('slack', server), client, tokens);
    await expect(refused).rejects.toMatchObject({ code, providerError: error, retryable: code === 'PROVIDER_AWAY' });
  });

  it.each([
    { ok: true, revoked: true },
    { ok: false, error: 'token_revoked' },
    { ok: false, error: 'invalid_auth' },
  ])('revokes by the token itself: %j', async (answer) => {
    await using server = await startServer(json(answer));
    await oauth.revoke(named('slack', server), client, tokens);
    expect(server.requests).toMatchObject([
      { method: 'POST', path: '/api/auth.revoke', headers: { authorization: 'Bearer access-1' }, body: '' },
    ]);
  });

  it('says when it does not revoke', async () => {
    await using server = await startServer(json({ ok: false, error: 'no_permission' }));
    const refused = oauth.revoke(named('slack', server), client, tokens);
    await expect(refused).rejects.toMatchObject({ code: 'PROVIDER_REFUSED', providerError: 'no_permission' });
  });
});

describe('GitHub', () => {
  it('gives tokens, as JSON and as a form', async () => {
    await using asked = await startServer(json({ access_token: 'gho_1', scope: 'repo,gist', token_type: 'bearer' }));
    const expected = { accessToken: 'gho_1', scope: 'repo,gist', tokenType: 'bearer' };
    expect(await exchange(named('github', asked))).toEqual(expected);
    expect(asked.requests[0]!.headers.accept).toBe('application/json');
    expect(new URLSearchParams(asked.requests[0]!.body).get('client_secret')).toBe(client.clientSecret);
    const form = 'access_token=gho_1&scope=repo%2Cgist&token_type=bearer';
    await using server = await startServer(text(form, 'application/x-www-form-urlencoded; charset=utf-8'));
    expect(await exchange(named('github', server))).toEqual(expected);
  });

  it('rotates, with numbers as texts in a form', async () => {
    const form =
      'access_token=ghu_2&expires_in=28800&refresh_token=ghr_2&refresh_token_expires_in=15811200&scope=&token_type=bearer';
    await using server = await startServer(text(form, 'application/x-www-form-urlencoded'));
    expect(await oauth.refresh(named('github', server), client, tokens)).toEqual({
      accessToken: 'ghu_2',
      refreshToken: 'ghr_2',
      expiresAt: '2026-11-29T20:00:00.000Z',
      scope: 'a b',
      tokenType: 'bearer',
    });
  });

  it.each([
    ['bad_verification_code', 'INVALID_GRANT'],
    ['bad_refresh_token', 'INVALID_GRANT'],
    ['incorrect_client_credentials', 'PROVIDER_REFUSED'],
    ['redirect_uri_mismatch', 'PROVIDER_REFUSED'],
  ])('says %s with status 200', async (error, code) => {
    const answer = { error, error_description: 'The code passed is incorrect or expired.', error_uri: '/apps' };
    await using server = await startServer(json(answer));
    const refused = exchange(named('github', server));
    await expect(refused).rejects.toMatchObject({ code, providerError: error });
    await expect(refused).rejects.toThrow(`${error}, The code passed is incorrect or expired.`);
  });

  it.each([204, 404])('revokes the grant: status %i', async (status) => {
    await using server = await startServer((_request, response) => response.writeHead(status).end());
    await oauth.revoke(named('github', server), client, tokens);
    expect(server.requests).toMatchObject([
      {
        method: 'DELETE',
        path: `/applications/${client.clientId}/grant`,
        headers: { authorization: basic, accept: 'application/vnd.github+json' },
        body: '{"access_token":"access-1"}',
      },
    ]);
  });

  it('says when it does not revoke', async () => {
    await using server = await startServer(json({ message: 'Bad credentials' }, 401));
    const refused = oauth.revoke(named('github', server), client, tokens);
    await expect(refused).rejects.toMatchObject({ code: 'PROVIDER_REFUSED', message: /status 401/ });
  });
});

describe('Google and Microsoft', () => {
  it('give an id_token for the scope openid, which nobody asks who it is for', async () => {
    const answer = {
      access_token: 'ya29',
      expires_in: 3_599,
      scope: 'openid',
      token_type: 'Bearer',
      id_token: 'x.y.z',
    };
    await using server = await startServer(json(answer));
    expect(await exchange(named('google', server))).toEqual({
      accessToken: 'ya29',
      expiresAt: '2026-11-29T12:59:59.000Z',
      scope: 'openid',
      tokenType: 'bearer',
    });
  });

  it('send no refresh token along (Google): the one there is stays', async () => {
    const answer = { access_token: 'ya29-2', expires_in: 3_599, scope: 'openid', token_type: 'Bearer' };
    await using server = await startServer(json(answer));
    const fresh = await oauth.refresh(named('google', server), client, tokens);
    expect(fresh).toMatchObject({ accessToken: 'ya29-2', refreshToken: 'refresh-1', scope: 'openid' });
  });

  it('name themselves in the callback: Microsoft by the tenant of the person', async () => {
    await using server = await startServer(json({ access_token: 'a', token_type: 'Bearer' }));
    const provider = named('microsoft', server);
    const redirectUri = 'https://millrace.example/v1/oauth/callback';
    const from = (iss: string) => {
      const callbackUrl = new URL(`${redirectUri}?${new URLSearchParams({ code: 'c', state: 's', iss }).toString()}`);
      const callback = { callbackUrl, redirectUri, state: 's', codeVerifier: 'v'.repeat(43) };
      return oauth.exchangeCode(provider, client, callback);
    };
    const tenant = '72f988bf-86f1-41af-91ab-2d7cd011db47';
    await expect(from(`https://login.microsoftonline.com/${tenant}/v2.0`)).resolves.toMatchObject({ accessToken: 'a' });
    for (const iss of [
      `https://login.microsoftonline.com.evil.example/${tenant}/v2.0`,
      `https://login.microsoftonline.com/evil.example/${tenant}/v2.0`,
      'https://login.microsoftonline.com/{tenantid}/v2.0',
      'https://login.microsoftonline.com//v2.0',
      'https://login.microsoftonline.com/v2.0',
    ])
      await expect(from(iss)).rejects.toMatchObject({ code: 'ISSUER_MISMATCH' });
  });

  it('know no revocation (Microsoft), and nothing is asked', async () => {
    await using server = await startServer(json({}));
    await oauth.revoke(named('microsoft', server), client, tokens);
    expect(server.requests).toEqual([]);
  });
});

describe('a provider that a person described', () => {
  it('revokes the refresh token, then the access token', async () => {
    await using server = await startServer((_request, response) => response.writeHead(200).end());
    await oauth.revoke(generic(server), client, tokens);
    const asked = server.requests.map(({ path, body }) => [path, ...new URLSearchParams(body).values()]);
    expect(asked.map(([path, ...values]) => [path, values.sort()])).toEqual([
      ['/revoke', ['refresh-1', 'refresh_token']],
      ['/revoke', ['access-1', 'access_token']],
    ]);
  });

  it('names itself in a callback, but how is not known: refused', async () => {
    await using server = await startServer(json({ access_token: 'a' }));
    const redirectUri = 'https://millrace.example/v1/oauth/callback';
    const callbackUrl = new URL(`${redirectUri}?code=c&state=s&iss=https://a.example`);
    const callback = { callbackUrl, redirectUri, state: 's', codeVerifier: 'v'.repeat(43) };
    const refused = oauth.exchangeCode(generic(server), client, callback);
    await expect(refused).rejects.toMatchObject({ code: 'ISSUER_MISMATCH' });
    expect(server.requests).toEqual([]);
  });

  it.each([
    ['a page', text('<html>hello</html>', 'text/html')],
    ['a list', json([])],
    ['nothing', text('', 'application/json')],
    ['no access token', json({ token_type: 'bearer' })],
    ['a token with a line break', json({ access_token: 'a\r\nx-evil: 1' })],
    ['a token that is no text', json({ access_token: { a: 1 } })],
    ['a token that fits into no header', json({ access_token: 'a'.repeat(16_385) })],
    ['a token that needs a proof', json({ access_token: 'a', token_type: 'DPoP' })],
    ['more than 256 KiB', json({ access_token: 'a', more: 'x'.repeat(262_144) })],
    ['a redirect', (_request, response) => response.writeHead(307, { location: '/elsewhere' }).end()],
  ] satisfies [string, RequestListener][])('answers with %s', async (_what, answer) => {
    await using server = await startServer(answer);
    await expect(exchange(generic(server))).rejects.toMatchObject({ code: 'INVALID_ANSWER', retryable: false });
    expect(server.requests).toHaveLength(1);
  });

  it('refuses with a status alone', async () => {
    await using server = await startServer(text('no', 'text/plain', 403));
    await expect(exchange(generic(server))).rejects.toMatchObject({ code: 'PROVIDER_REFUSED' });
  });

  it.each([
    [null, undefined],
    ['soon', undefined],
    [-5, '2026-11-29T12:00:00.000Z'],
    [0.5, '2026-11-29T12:00:00.500Z'],
    [1e300, '2036-11-26T12:00:00.000Z'],
  ])('says that a token lives for %j seconds', async (seconds, expiresAt) => {
    await using server = await startServer(json({ access_token: 'a', expires_in: seconds }));
    expect((await exchange(generic(server))).expiresAt).toBe(expiresAt);
  });

  it('hangs up, or is not there', async () => {
    const server = await startServer((request) => request.socket.destroy());
    const provider = generic(server);
    await expect(exchange(provider)).rejects.toMatchObject({ code: 'PROVIDER_AWAY', message: /DISCONNECTED/ });
    await server[Symbol.asyncDispose]();
    await expect(exchange(provider)).rejects.toMatchObject({ code: 'PROVIDER_AWAY', message: /CONNECT_FAILED/ });
  });

  it('is inside our network', async () => {
    await using guarded = createOutboundHttp({ allowPrivateNetwork: false });
    await using server = await startServer(json({ access_token: 'a' }));
    const asked = new OAuth({ http: guarded, clock }).clientCredentials(generic(server), client, []);
    await expect(asked).rejects.toMatchObject({ code: 'PROVIDER_REFUSED', message: /NETWORK_NOT_ALLOWED/ });
    expect(server.requests).toEqual([]);
  });

  it('can not be asked in plain http, unless on this machine', async () => {
    const provider = { ...OAUTH_PROVIDERS[1]!, tokenEndpoint: 'http://github.example/token' };
    await expect(exchange(provider)).rejects.toMatchObject({ code: 'INVALID_ANSWER' });
  });

  it('says long and strange things', async () => {
    const description = `a\u0000b\u2028c\n${'word '.repeat(100)}`;
    await using server = await startServer(json({ error: 'invalid_request', error_description: description }, 400));
    const refused = exchange(generic(server));
    await expect(refused).rejects.toThrow(/^the provider refused: invalid_request, a b c (word )+(word|wor|wo|w)?…$/);
    await expect(refused).rejects.toMatchObject({ message: expect.not.stringMatching(/[\p{Cc}\u2028]/u) as string });
  });
});
