import { createHash } from 'node:crypto';
import { authorizationUrl, genericProvider, OAUTH_PROVIDERS, pkceVerifierOf } from './index.ts';

const request = {
  redirectUri: 'https://millrace.example/v1/oauth/callback',
  state: 's-1',
  codeVerifier: 'v'.repeat(43),
  scopes: ['chat:write', 'users:read'],
};
const client = { clientId: 'c 1' };

describe('authorizationUrl', () => {
  it.each(OAUTH_PROVIDERS)('asks $name for a code, with PKCE', (provider) => {
    const url = new URL(authorizationUrl(provider, client, request));
    expect(url.origin + url.pathname).toBe(provider.authorizationEndpoint);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      ...provider.authorizeParameters,
      response_type: 'code',
      client_id: 'c 1',
      redirect_uri: request.redirectUri,
      state: 's-1',
      scope: provider.name === 'slack' ? 'chat:write,users:read' : 'chat:write users:read',
      code_challenge: createHash('sha256').update(request.codeVerifier).digest('base64url'),
      code_challenge_method: 'S256',
    });
  });

  it('keeps the query of the endpoint, and asks for no scope when there is none', () => {
    const provider = genericProvider({
      authorizationEndpoint: 'https://login.example/auth?tenant=t',
      tokenEndpoint: 'https://login.example/token',
      authorizeParameters: { audience: 'api' },
    });
    const query = new URL(authorizationUrl(provider, client, { ...request, scopes: [] })).searchParams;
    expect([query.get('tenant'), query.get('audience'), query.has('scope')]).toEqual(['t', 'api', false]);
  });

  it.each([
    [{ clientId: 'c' }, true],
    [{ clientId: 'c', clientSecret: 's' }, false],
  ])('leaves PKCE out for %j where the provider refuses it beside a secret', (by, has) => {
    const provider = { ...OAUTH_PROVIDERS[0]!, pkce: 'public-clients' } as const;
    const query = new URL(authorizationUrl(provider, by, request)).searchParams;
    expect([query.has('code_challenge'), query.has('code_challenge_method')]).toEqual([has, has]);
  });

  it('lets no parameter of a provider replace ours', () => {
    const provider = { ...OAUTH_PROVIDERS[0]!, authorizeParameters: { state: 'x', code_challenge_method: 'plain' } };
    const query = new URL(authorizationUrl(provider, client, request)).searchParams;
    expect([query.getAll('state'), query.getAll('code_challenge_method')]).toEqual([['s-1'], ['S256']]);
  });

  it.each([
    'https://millrace.example/callback#fragment',
    'https://millrace.example/callback#',
    'https://millrace.example/callback?',
    'https://millrace.example/callback?a=b',
    'https://user@millrace.example/callback',
    'https://:@millrace.example/callback',
    'https://MILLRACE.example/callback',
    'https://millrace.example',
    'https://millrace.example/a/../callback',
    'https:millrace.example/callback',
    'https:\\\\millrace.example/callback',
    '//millrace.example/callback',
    '/callback',
    'http://millrace.example/callback',
    'javascript:alert(1)',
  ])('refuses the redirect URI %s', (redirectUri) => {
    expect(() => authorizationUrl(OAUTH_PROVIDERS[0]!, client, { ...request, redirectUri })).toThrow(TypeError);
  });
});

describe('pkceVerifierOf', () => {
  it('is the same for the same key and state, and 43 letters of what RFC 7636 allows', () => {
    const key = Buffer.alloc(32, 1);
    expect(pkceVerifierOf(key, 's-1')).toMatch(/^[\w-]{43}$/);
    expect(pkceVerifierOf(key, 's-1')).toBe(pkceVerifierOf(Buffer.alloc(32, 1), 's-1'));
    expect(pkceVerifierOf(key, 's-2')).not.toBe(pkceVerifierOf(key, 's-1'));
    expect(pkceVerifierOf(Buffer.alloc(32, 2), 's-1')).not.toBe(pkceVerifierOf(key, 's-1'));
  });

  it('is HMAC-SHA256 (RFC 4231, test case 2)', () => {
    const expected = '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843';
    const verifier = pkceVerifierOf(Buffer.from('Jefe'), 'what do ya want for nothing?');
    expect(Buffer.from(verifier, 'base64url').toString('hex')).toBe(expected);
  });
});
