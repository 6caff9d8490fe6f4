import type { OpenedCredential } from '#libs/execution-runtime';
import { staysWithin, tokensThatStay } from './hosts-in-effect.ts';

const tokens = { accessToken: 'a', tokenType: 'bearer' };
const client = {
  provider: 'github' as const,
  grant: 'authorizationCode' as const,
  clientId: 'a',
  clientSecret: 'b',
  scopes: [],
};
const endpoints = { authorizationEndpoint: 'https://a.example/auth', tokenEndpoint: 'https://a.example/token' };
const opened = (data: object): OpenedCredential => ({
  kind: 'found',
  credential: { id: 'cr_1', type: 'oauth2', allowedHosts: [], data: { ...client, ...data, tokens } },
});
const account = opened({});
const generic = opened({ provider: 'generic', endpoints });

describe('hosts of an account', () => {
  it.each<[string, OpenedCredential, string[], string[], boolean]>([
    ['the provider has hosts of its own', account, [], ['evil.example'], false],
    ['one of the provider', account, [], ['api.github.com'], true],
    ['none again', account, ['api.github.com'], [], false],
    ['another one', account, ['a.example'], ['b.example'], false],
    ['any provider', generic, [], ['a.example'], true],
    ['any provider, and none again', generic, ['a.example'], [], false],
  ])('stay within those of before: %s', (...[, before, hosts, newHosts, within]) => {
    expect(staysWithin(before, { hosts, newHosts })).toBe(within);
  });

  it.each<[string, object, string[], boolean]>([
    ['another secret', { clientSecret: 'c' }, [], true],
    ['other scopes', { scopes: ['x'] }, [], true],
    ['another client', { clientId: 'c' }, [], false],
    ['another grant', { grant: 'clientCredentials' }, [], false],
    ['another host', {}, ['evil.example'], false],
  ])('and its tokens stay or go: %s', (_, change, newHosts, stay) => {
    const kept = tokensThatStay(account, { ...client, ...change }, { hosts: [], newHosts });
    expect(kept).toEqual(stay ? tokens : undefined);
  });

  it.each(['tokenEndpoint', 'authorizationEndpoint', 'revocationEndpoint', 'issuer'])(
    'lose their tokens with another %s, which would be sent them',
    (name) => {
      const data = { ...client, provider: 'generic', endpoints: { ...endpoints, [name]: 'https://evil.example/' } };
      expect(tokensThatStay(generic, data, { hosts: [], newHosts: [] })).toBeUndefined();
    },
  );
});
