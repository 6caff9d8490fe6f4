import { genericProvider, OAUTH_PROVIDERS, problemsOfEndpoints } from './index.ts';

const endpoints = {
  authorizationEndpoint: 'https://login.example/auth',
  tokenEndpoint: 'https://login.example/token',
};

describe('genericProvider', () => {
  it('is strict and by the RFCs, unless it is told otherwise', () => {
    const defaults = {
      ...endpoints,
      name: 'generic',
      title: 'OAuth 2',
      scopeSeparator: ' ',
      clientAuthentication: 'basic',
      authorizeParameters: {},
      tokenHosts: [],
      revocation: 'none',
    };
    expect(genericProvider(endpoints)).toEqual(defaults);
    const own = {
      revocationEndpoint: 'https://login.example/revoke',
      issuer: 'https://login.example',
      issuerRequired: true,
      scopeSeparator: ',',
      clientAuthentication: 'post',
      authorizeParameters: { audience: 'api' },
    } as const;
    expect(genericProvider({ ...endpoints, ...own })).toEqual({ ...defaults, ...own, revocation: 'rfc7009' });
  });

  it.each([
    ['http://login.example/auth', 'must be an https URL'],
    ['http://localhost.evil.example/auth', 'must be an https URL'],
    ['ftp://login.example/auth', 'must be an https URL'],
    ['login.example/auth', 'must be a URL'],
    ['https://user:password@login.example/auth', 'must not hold a user, password or fragment'],
    ['https://login.example/auth#a', 'must not hold a user, password or fragment'],
    ['https://login.example/auth?redirect_uri=https://evil.example', 'must not hold the parameter redirect_uri'],
  ])('refuses %s', (authorizationEndpoint, message) => {
    const given = { ...endpoints, authorizationEndpoint };
    expect(problemsOfEndpoints(given)).toEqual([{ path: 'authorizationEndpoint', message }]);
    expect(() => genericProvider(given)).toThrow(`authorizationEndpoint ${message}`);
  });

  it('names each field that is wrong', () => {
    const given = {
      authorizationEndpoint: 'x',
      tokenEndpoint: 'http://a.example',
      revocationEndpoint: 'http://b.example',
      authorizeParameters: { state: 's' },
      issuerRequired: true,
    };
    const paths = problemsOfEndpoints(given).map(({ path }) => path);
    expect(paths).toEqual([
      'authorizationEndpoint',
      'tokenEndpoint',
      'revocationEndpoint',
      'authorizeParameters',
      'issuer',
    ]);
  });

  it.each(['http://127.0.0.1:1/auth', 'http://[::1]:1/auth', 'http://localhost:1/auth'])('takes %s', (url) => {
    expect(problemsOfEndpoints({ ...endpoints, authorizationEndpoint: url })).toEqual([]);
  });
});

describe('OAUTH_PROVIDERS', () => {
  it('are four, each with endpoints that a person could have given', () => {
    expect(OAUTH_PROVIDERS.map(({ name }) => name)).toEqual(['slack', 'github', 'google', 'microsoft']);
    for (const provider of OAUTH_PROVIDERS) expect(problemsOfEndpoints(provider)).toEqual([]);
  });
});
