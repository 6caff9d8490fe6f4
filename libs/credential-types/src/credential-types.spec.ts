import type { JsonValue } from '#libs/kernel';
import { CREDENTIAL_TYPE_NAMES, typedData, type TypedData } from './credential-types.ts';
import { oauth2Data } from './data-schemas.ts';
import { secretsOf } from './secrets-of.ts';

const examples: { readonly [Type in TypedData['type']]: Extract<TypedData, { type: Type }>['data'] } = {
  'http.basic': { username: 'ada', password: 'lovelace' },
  'http.bearer': { token: 'abc.def' },
  'http.header': { name: 'X-Api-Key', value: 'Token 12345678' },
  'webhook.secret': { secret: 'one', previousSecret: 'two' },
  smtp: { host: 'mail.example.com', port: 587, secure: false, username: 'ada', password: 'lovelace' },
  imap: { host: 'mail.example.com', port: 993, secure: true, username: 'ada', password: 'lovelace' },
  oauth2: {
    provider: 'github',
    grant: 'authorizationCode',
    clientId: 'client',
    clientSecret: 'a secret',
    scopes: ['repo'],
    tokens: { accessToken: 'access', refreshToken: 'refresh', tokenType: 'bearer' },
  },
};

describe('the data of a credential', () => {
  it.each(CREDENTIAL_TYPE_NAMES)('of type %s is taken as it is', (type) => {
    expect(typedData.parse({ type, data: examples[type] })).toEqual({ type, data: examples[type] });
  });

  it.each<[string, string, JsonValue]>([
    ['data', 'http.basic', 'text'],
    ['data.password', 'http.basic', { username: 'ada' }],
    ['data.password', 'http.basic', { username: 'ada', password: 'canary\r\n' }],
    ['data.username', 'http.basic', { username: 'a:canary', password: '' }],
    ['data', 'http.basic', { username: 'ada', password: 'x', role: 'canary' }],
    ['data.token', 'http.bearer', { token: '' }],
    ['data.token', 'http.bearer', { token: 'canary canary' }],
    ['data.name', 'http.header', { name: 'a canary', value: 'x' }],
    ['data.value', 'http.header', { name: 'x', value: 'canary\n' }],
    ['data.secret', 'webhook.secret', { secret: 1 }],
    ['data.port', 'smtp', { host: 'a', port: 65_536, secure: true }],
    ['data.host', 'smtp', { host: 'canary/', port: 1, secure: true }],
    ['type', 'canary', {}],
    ['data.provider', 'oauth2', { provider: 'canary', clientId: 'a' }],
    ['data.scopes.0', 'oauth2', { provider: 'github', clientId: 'a', scopes: ['a canary'] }],
  ])('is refused at %s without being repeated: %s %j', (path, type, data) => {
    const parsed = typedData.safeParse({ type, data });
    expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
    expect(parsed.error?.issues[0]?.message).not.toContain('canary');
  });
});

describe('what must not be seen of a credential', () => {
  it.each<[TypedData, string[]]>([
    [{ type: 'http.basic', data: examples['http.basic'] }, ['ada:lovelace', 'lovelace']],
    [
      { type: 'http.basic', data: { username: 'ada@example.com', password: 'p' } },
      ['ada@example.com:p', 'p', 'ada@example.com'],
    ],
    [{ type: 'http.basic', data: { username: 'sk_live', password: '' } }, ['sk_live:', '', 'sk_live']],
    [{ type: 'http.bearer', data: examples['http.bearer'] }, ['abc.def']],
    [{ type: 'http.header', data: examples['http.header'] }, ['Token 12345678', '12345678']],
    [{ type: 'webhook.secret', data: examples['webhook.secret'] }, ['one', 'two']],
    [{ type: 'webhook.secret', data: { secret: 'one' } }, ['one']],
    [{ type: 'smtp', data: examples.smtp }, ['lovelace']],
    [{ type: 'imap', data: examples.imap }, ['lovelace']],
    [{ type: 'oauth2', data: examples.oauth2 }, ['a secret', 'access', 'refresh']],
    [
      {
        type: 'smtp',
        data: {
          host: 'a.test',
          port: 25,
          secure: false,
          dkim: { domain: 'a.test', selector: 's', privateKey: 'a key' },
        },
      },
      ['a key'],
    ],
  ])('%j', (typed, secrets) => {
    expect(secretsOf(typed)).toEqual(secrets);
  });
});

describe('what people give of an OAuth client', () => {
  const generic = { provider: 'generic', clientId: 'a', endpoints: { tokenEndpoint: 'https://a.example/token' } };

  it.each<[string, JsonValue]>([
    ['endpoints', { provider: 'generic', clientId: 'a' }],
    [
      'endpoints',
      {
        ...generic,
        provider: 'github',
        endpoints: { ...generic.endpoints, authorizationEndpoint: 'https://a.example' },
      },
    ],
    ['endpoints.authorizationEndpoint', generic],
    ['clientSecret', { provider: 'github', grant: 'clientCredentials', clientId: 'a' }],
    ['', { provider: 'github', clientId: 'a', tokens: { accessToken: 'a', tokenType: 'bearer' } }],
  ])('is refused at %s', (path, data) => {
    const issues = oauth2Data.safeParse(data).error?.issues ?? [];
    expect(issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });

  it('needs no page for people when the client is the account', () => {
    const data = { ...generic, grant: 'clientCredentials', clientSecret: 'b' };
    expect(oauth2Data.parse(data)).toEqual({ ...data, scopes: [] });
  });
});
