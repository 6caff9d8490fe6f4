import { randomBytes } from 'node:crypto';
import { parseConfig } from './config.ts';
import { ConfigError } from './config-error.ts';

const key = randomBytes(32).toString('base64');
const otherKey = randomBytes(32).toString('base64');
const external = { NATS_URL: 'nats://n1:4222', DATABASE_URL: 'postgres://db/millrace', MILLRACE_SECRET_KEY: key };

function refusals(env: NodeJS.ProcessEnv): ConfigError {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the environment was accepted');
}

describe('the environment', () => {
  it('may be empty: everything has its documented default', () => {
    const expected = {
      http: {
        port: 3000,
        host: '127.0.0.1',
        publicUrl: 'http://127.0.0.1:3000',
        trustedProxies: [],
        corsOrigins: [],
        apiRate: { requests: 100_000, windowSeconds: 10 },
      },
      roles: new Set(['api', 'worker', 'projector', 'scheduler', 'mail']),
      dataDir: '.millrace',
      nats: { kind: 'embedded', sync: 'always' },
      natsReplicas: 1,
      logStreams: 4,
      database: { kind: 'embedded' },
      outbound: { allowPrivateNetwork: false, allow: [], deny: [] },
      deliveriesKeptMs: 30 * 86_400_000,
      emailsKeptMs: 90 * 86_400_000,
      archiveAfterMs: 7 * 86_400_000,
      retentionDays: null,
      visibleWithinMs: 2_000,
      logLevel: 'info',
      shutdownMs: 10_000,
    };
    expect(parseConfig({})).toEqual(expected);
    expect(parseConfig({ PORT: '', NATS_URL: '', MILLRACE_ROLES: '', LOG_LEVEL: '', DATABASE_URL: '' })).toEqual(
      expected,
    );
  });

  it('says everything that can be said', () => {
    const config = parseConfig({
      PORT: '8080',
      HOST: '::1',
      TRUSTED_PROXIES: '10.1.2.3, 172.16.0.0/12,::1,fd00::/8',
      CORS_ORIGINS: 'https://app.example.com, http://localhost:5173',
      MILLRACE_API_RATE: '600/1m',
      MILLRACE_ROLES: 'worker, api',
      MILLRACE_DATA_DIR: '/var/lib/millrace',
      NATS_URL: 'nats://n1:4222, tls://user:secret@n2:4222,n3',
      NATS_CREDS: '/run/creds',
      NATS_REPLICAS: '3',
      MILLRACE_LOG_STREAMS: '16',
      DATABASE_URL: 'postgresql://u:p@db/millrace',
      MILLRACE_SECRET_KEY: key,
      MILLRACE_SECRET_KEY_PREVIOUS: `${otherKey}, ${key}`,
      MILLRACE_ALLOW_PRIVATE_NETWORK: 'true',
      MILLRACE_OUTBOUND_ALLOW: 'erp.example.com:8443, 10.20.0.0/16',
      MILLRACE_OUTBOUND_DENY: '*.example.org,[fd00::/8]:443,*:25',
      LOG_LEVEL: 'debug',
      MILLRACE_OPERATORS: 'ws_a, ws_b',
      MILLRACE_MAIL_DOMAIN: 'In.Example.com',
      MILLRACE_MAIL_HOST: '::',
      MILLRACE_MAIL_PORT: '25',
      MILLRACE_MAIL_RELAYS: '10.0.0.25, fd00::/8',
      MILLRACE_MAIL_TLS_CERT: '/run/mail.crt',
      MILLRACE_MAIL_TLS_KEY: '/run/mail.key',
      MILLRACE_DELIVERIES_KEPT: '12h',
      MILLRACE_EMAILS_KEPT: '60d',
      MILLRACE_ARCHIVE_AFTER: '2d',
      MILLRACE_RETENTION_DAYS: '90',
      MILLRACE_VISIBLE_WITHIN_MS: '5000',
      MILLRACE_SHUTDOWN_MS: '0',
    });
    expect(config).toMatchObject({
      http: {
        port: 8080,
        host: '::1',
        publicUrl: 'http://[::1]:8080',
        trustedProxies: ['10.1.2.3', '172.16.0.0/12', '::1', 'fd00::/8'],
        corsOrigins: ['https://app.example.com', 'http://localhost:5173'],
        apiRate: { requests: 600, windowSeconds: 60 },
      },
      nats: {
        kind: 'external',
        servers: ['nats://n1:4222', 'tls://user:secret@n2:4222', 'n3'],
        credsFile: '/run/creds',
      },
      natsReplicas: 3,
      logStreams: 16,
      database: { kind: 'external', url: 'postgresql://u:p@db/millrace' },
      outbound: {
        allowPrivateNetwork: true,
        allow: [
          { kind: 'name', text: 'erp.example.com:8443' },
          { kind: 'block', text: '10.20.0.0/16' },
        ],
        deny: [
          { kind: 'name', text: '*.example.org' },
          { kind: 'block', text: '[fd00::/8]:443' },
          { kind: 'all', text: '*:25' },
        ],
      },
      mail: {
        domain: 'in.example.com',
        host: '::',
        port: 25,
        relays: ['10.0.0.25', 'fd00::/8'],
        tls: { certFile: '/run/mail.crt', keyFile: '/run/mail.key' },
      },
      deliveriesKeptMs: 12 * 3_600_000,
      emailsKeptMs: 60 * 86_400_000,
      archiveAfterMs: 2 * 86_400_000,
      retentionDays: 90,
      visibleWithinMs: 5_000,
      logLevel: 'debug',
      shutdownMs: 0,
    });
    expect(config.roles).toEqual(new Set(['api', 'worker']));
    expect(config.operators).toEqual(new Set(['ws_a', 'ws_b']));
    expect(config.secretKeys).toEqual([key, otherKey, key].map((text) => new Uint8Array(Buffer.from(text, 'base64'))));
  });

  it.each([
    [{ MILLRACE_MAIL_PORT: '25' }, 'MILLRACE_MAIL_DOMAIN', /must be set when MILLRACE_MAIL_PORT is/],
    [
      { MILLRACE_MAIL_DOMAIN: 'in.test', MILLRACE_MAIL_TLS_CERT: 'a' },
      'MILLRACE_MAIL_TLS_KEY',
      /must be set when MILLRACE_MAIL_TLS_CERT is/,
    ],
    [
      { MILLRACE_MAIL_DOMAIN: 'in.test', MILLRACE_MAIL_TLS_KEY: 'a' },
      'MILLRACE_MAIL_TLS_CERT',
      /must be set when MILLRACE_MAIL_TLS_KEY is/,
    ],
  ])('refuses half of what mail needs: %j', (env, name, message) => {
    expect(refusals(env).problems).toMatchObject([{ name, message: expect.stringMatching(message) as unknown }]);
  });

  it('gives the public URL without the slash at its end', () => {
    expect(parseConfig({ PUBLIC_URL: 'https://example.com/automation/' }).http.publicUrl).toBe(
      'https://example.com/automation',
    );
  });

  it('lets every origin in, and limits no caller, when told so', () => {
    const { http } = parseConfig({ CORS_ORIGINS: '*', MILLRACE_API_RATE: 'off' });
    expect(http.corsOrigins).toBe('*');
    expect(http).not.toHaveProperty('apiRate');
  });

  it.each([
    ['1/1s', 1],
    ['999999999/9999s', 9999],
    ['5/2h', 7200],
  ])('reads the rate %s', (text, windowSeconds) => {
    expect(parseConfig({ MILLRACE_API_RATE: text }).http.apiRate).toMatchObject({ windowSeconds });
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '3e3'],
    ['PORT', 'http'],
    ['HOST', 'two words'],
    ['PUBLIC_URL', 'example.com'],
    ['PUBLIC_URL', 'ftp://example.com'],
    ['PUBLIC_URL', 'https://example.com/?a=1'],
    ['TRUSTED_PROXIES', 'proxy.example.com'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', 'fd00::/129'],
    ['TRUSTED_PROXIES', '10.0.0.1,'],
    ['TRUSTED_PROXIES', '10.0.0.0/8/8'],
    ['TRUSTED_PROXIES', 'fe80::1%eth0'],
    ['CORS_ORIGINS', 'app.example.com'],
    ['CORS_ORIGINS', 'https://app.example.com/'],
    ['CORS_ORIGINS', 'https://App.example.com'],
    ['CORS_ORIGINS', 'https://app.example.com,*'],
    ['CORS_ORIGINS', 'null'],
    ['MILLRACE_API_RATE', '600'],
    ['MILLRACE_API_RATE', '0/1s'],
    ['MILLRACE_API_RATE', '600/0s'],
    ['MILLRACE_API_RATE', '600/1d'],
    ['MILLRACE_API_RATE', '1000000000/1s'],
    ['MILLRACE_ROLES', 'api,boss'],
    ['MILLRACE_ROLES', 'api,,worker'],
    ['NATS_REPLICAS', '2'],
    ['MILLRACE_LOG_STREAMS', '3'],
    ['MILLRACE_NATS_SYNC', 'never'],
    ['MILLRACE_NATS_SYNC', '0s'],
    ['MILLRACE_ALLOW_PRIVATE_NETWORK', 'yes'],
    ['MILLRACE_OUTBOUND_ALLOW', 'https://example.com'],
    ['MILLRACE_OUTBOUND_ALLOW', '10.0.0.0/8,'],
    ['MILLRACE_OUTBOUND_DENY', '10.0.0.0/33'],
    ['MILLRACE_OUTBOUND_DENY', 'example.com:0'],
    ['LOG_LEVEL', 'loud'],
    ['MILLRACE_OPERATORS', 'usr_1'],
    ['MILLRACE_OPERATORS', 'ws_1,'],
    ['MILLRACE_MAIL_DOMAIN', 'in..example'],
    ['MILLRACE_MAIL_DOMAIN', '@example.com'],
    ['MILLRACE_DELIVERIES_KEPT', '0d'],
    ['MILLRACE_EMAILS_KEPT', '0d'],
    ['MILLRACE_ARCHIVE_AFTER', 'soon'],
    ['MILLRACE_RETENTION_DAYS', '0'],
    ['MILLRACE_DELIVERIES_KEPT', '30'],
    ['MILLRACE_DELIVERIES_KEPT', '10000d'],
    ['MILLRACE_SHUTDOWN_MS', '1.5'],
    ['MILLRACE_VISIBLE_WITHIN_MS', '60001'],
    ['MILLRACE_VISIBLE_WITHIN_MS', '999'],
  ])('refuses %s=%s, naming it, the value and an example', (name, value) => {
    const { message, problems } = refusals({ [name]: value });
    expect(problems.map((problem) => problem.name)).toEqual([name]);
    expect(message).toContain(`${name}: must be`);
    expect(message).toContain(JSON.stringify(value));
    expect(message).toContain(`for example ${name}=`);
  });

  it.each([
    ['NATS_URL', 'nats://user:hunter2@n1:4222/x'],
    ['DATABASE_URL', 'mysql://user:hunter2@db/millrace'],
    ['MILLRACE_SECRET_KEY', 'hunter2'],
    ['MILLRACE_SECRET_KEY', randomBytes(31).toString('base64')],
    ['MILLRACE_SECRET_KEY_PREVIOUS', 'hunter2'],
    ['MILLRACE_SECRET_KEY_PREVIOUS', `${otherKey},`],
    ['MILLRACE_SECRET_KEY_PREVIOUS', Array.from({ length: 5 }, () => otherKey).join(',')],
  ])('never repeats the value of %s', (name, value) => {
    const { message, problems } = refusals({ ...external, [name]: value });
    expect(problems.map((problem) => problem.name)).toEqual([name]);
    expect(message).not.toContain('hunter2');
    expect(message).not.toContain(value);
  });

  it('tells everything that is wrong at once', () => {
    const { problems } = refusals({ PORT: 'x', LOG_LEVEL: 'loud', DATABASE_URL: 'nonsense' });
    expect(problems.map((problem) => problem.name)).toEqual([
      'PORT',
      'DATABASE_URL',
      'LOG_LEVEL',
      'MILLRACE_SECRET_KEY',
    ]);
  });

  it.each([{ NATS_URL: external.NATS_URL }, { DATABASE_URL: external.DATABASE_URL }])(
    'wants the secret key given when a server is not embedded: %o',
    (env) => {
      expect(refusals(env).problems.map((problem) => problem.name)).toEqual(['MILLRACE_SECRET_KEY']);
    },
  );

  it('takes at most four keys that were used before', () => {
    const previous = Array.from({ length: 4 }, () => otherKey).join(',');
    expect(parseConfig({ ...external, MILLRACE_SECRET_KEY_PREVIOUS: previous }).secretKeys).toHaveLength(5);
  });

  it.each([{}, { NATS_URL: external.NATS_URL }])('wants the current key beside those before it: %o', (env) => {
    const { problems } = refusals({ ...env, MILLRACE_SECRET_KEY_PREVIOUS: otherKey });
    expect(problems.map((problem) => problem.name)).toEqual(['MILLRACE_SECRET_KEY']);
  });

  it('refuses what only a NATS cluster of your own can do', () => {
    expect(refusals({ NATS_REPLICAS: '3' }).problems.map((problem) => problem.name)).toEqual(['NATS_URL']);
    expect(refusals({ NATS_CREDS: '/run/creds' }).problems.map((problem) => problem.name)).toEqual(['NATS_URL']);
  });
});
