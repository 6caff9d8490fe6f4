import type { Credential } from '#libs/credential-types';
import { operationIn } from '../testing/operations-in.ts';
import { PET_STORE } from '../testing/pet-store.ts';
import type { Operation } from '../types.ts';
import { callProblemsOf } from './call-problems.ts';
import { credentialPlaceIn, credentialTypesFor, needsCredential, wantedCredentials } from './credentials.ts';
import { serverFor, urlAt } from './servers.ts';

const { securitySchemes } = PET_STORE.components;
const operationOf = (security: object | undefined, more: object = {}): Operation =>
  operationIn(
    {
      openapi: '3.1.0',
      paths: { '/a': { get: { operationId: 'a', ...(security ? { security } : {}), ...more } } },
      components: { securitySchemes: { ...securitySchemes, tls: { type: 'mutualTLS' } } },
    },
    'a',
  );

type Some = Pick<Credential, 'type' | 'data'>;
const BASIC: Some = { type: 'http.basic', data: { username: 'a', password: 'b' } };
const BEARER: Some = { type: 'http.bearer', data: { token: 'a' } };
const keyNamed = (name: string): Some => ({ type: 'http.header', data: { name, value: 'x' } });

describe('credentials for an operation', () => {
  it.each<[string, object | undefined, Some, unknown]>([
    ['basic', [{ basic: [] }], BASIC, { kind: 'asItIs' }],
    ['basic', [{ basic: [] }], BEARER, undefined],
    ['bearer', [{ bearer: [] }], BEARER, { kind: 'asItIs' }],
    ['oauth2', [{ login: ['read'] }], BEARER, { kind: 'asItIs' }],
    ['a key in a header', [{ key: [] }], keyNamed('x-api-key'), { kind: 'asItIs' }],
    ['a key of another header', [{ key: [] }], keyNamed('x-key'), undefined],
    ['a key in the query', [{ queryKey: [] }], keyNamed('key'), { kind: 'query', name: 'key' }],
    ['a key in a cookie', [{ cookieKey: [] }], keyNamed('session'), { kind: 'cookie', name: 'session' }],
    ['one of several', [{ basic: [] }, { queryKey: [] }], keyNamed('key'), { kind: 'query', name: 'key' }],
    ['one where two are wanted', [{ key: [], bearer: [] }], BEARER, undefined],
    ['none where none is wanted', [], BEARER, undefined],
    ['TLS', [{ tls: [] }], BEARER, undefined],
    ['any where nothing is said', undefined, BASIC, { kind: 'asItIs' }],
  ])('go where they belong: %s', (_, security, credential, place) => {
    expect(credentialPlaceIn(operationOf(security).security, credential)).toEqual(place);
  });

  it.each<[object | undefined, boolean, string[], string]>([
    [
      undefined,
      false,
      ['http.basic', 'http.bearer', 'http.header', 'oauth2'],
      'http.basic, http.bearer, http.header, oauth2',
    ],
    [[], false, [], 'none'],
    [[{}, { bearer: [] }], false, ['http.bearer', 'oauth2'], 'http.bearer (bearer), oauth2 (bearer)'],
    [
      [{ bearer: [] }, { key: [] }],
      true,
      ['http.bearer', 'oauth2', 'http.header'],
      'http.bearer (bearer), oauth2 (bearer), http.header named "X-Api-Key" (key)',
    ],
    [[{ bearer: [], key: [] }], true, [], 'more than one credential can give'],
  ])('for %j: needed %s, %j, %s', (given, isNeeded, types, words) => {
    const { security } = operationOf(given);
    expect([needsCredential(security), credentialTypesFor(security), wantedCredentials(security)]).toEqual([
      isNeeded,
      types,
      words,
    ]);
  });
});

describe('a call as it is written', () => {
  const told = (operation: Operation, config: Parameters<typeof callProblemsOf>[1]) =>
    callProblemsOf(operation, config).map(({ path, message }) => `${path}: ${message}`);
  const servers = [{ url: '/v1' }, { url: 'https://a.example.com/v1/' }];

  it('has a server and a credential where it needs them', () => {
    expect(told(operationOf([{ bearer: [] }]), {})).toEqual([
      'server: is required: the document names no server by a whole URL',
      'credentialId: is required: a takes http.bearer (bearer), oauth2 (bearer)',
    ]);
    expect(told(operationOf([], { servers }), { credentialId: 'cr_1', server: 'ftp://a' })).toEqual([
      'server: must be a URL that begins with http:// or https://',
      'credentialId: meets nothing: a takes none',
    ]);
    expect(told(operationOf(undefined, { servers }), { credentialId: 'cr_1', server: '{{ vars.server }}' })).toEqual(
      [],
    );
    expect(told(operationOf(undefined, { servers }), { server: 'https://a:b@c' })).toEqual([
      'server: must not hold a user or a password',
    ]);
    expect(told(operationOf(undefined, { servers }), { server: 'https://c/?a' })).toEqual([
      'server: must not have a query or a fragment',
    ]);
  });

  it('goes to the first server that has a whole URL', () => {
    const server = serverFor(operationOf(undefined, { servers }), undefined) ?? '';
    expect(urlAt(server, '/a?b=1')).toBe('https://a.example.com/v1/a?b=1');
    expect(serverFor(operationOf(undefined, { servers }), 'https://b')).toBe('https://b');
    expect(urlAt('https://b', '/a')).toBe('https://b/a');
  });
});
