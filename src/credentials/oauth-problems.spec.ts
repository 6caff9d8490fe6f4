import { OAUTH2_PROVIDERS } from '#libs/credential-types';
import { OAUTH_PROVIDERS } from '#libs/oauth';
import { oauthIssuesOf } from './oauth-problems.ts';

describe('providers', () => {
  it('are those that a credential may name, and any other', () => {
    const names = OAUTH_PROVIDERS.map(({ name }) => name);
    expect([...names, 'generic'].toSorted()).toEqual([...OAUTH2_PROVIDERS].toSorted());
  });
});

describe('endpoints that a person gave', () => {
  const dataWith = (tokenEndpoint: string) => ({
    provider: 'generic',
    clientId: 'a',
    endpoints: { authorizationEndpoint: 'https://a.example/auth', tokenEndpoint },
  });

  it.each([
    ['oauth2', dataWith('https://a.example/token'), []],
    ['oauth2', dataWith('http://127.0.0.1:1/token'), []],
    ['oauth2', dataWith('http://a.example/token'), ['data.endpoints.tokenEndpoint']],
    ['oauth2', dataWith('https://user@a.example/token'), ['data.endpoints.tokenEndpoint']],
    ['oauth2', { provider: 'github', clientId: 'a' }, []],
    ['http.bearer', dataWith('http://a.example/token'), []],
  ])('of type %s: %j', (type, data, paths) => {
    expect(oauthIssuesOf({ type, data }).map(({ path }) => path.join('.'))).toEqual(paths);
  });
});
