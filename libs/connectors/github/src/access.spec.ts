import { generateKeyPairSync } from 'node:crypto';
import type { Credential } from '#libs/credential-types';
import { startFakeGitHub, type FakeGitHub } from './testing/index.ts';
import { githubApp, githubToken, OWN_CREDENTIALS } from './credentials.ts';
import { gitHubRunner, tokenCredential, type GitHubRunner } from './testing/run-github.ts';

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2_048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const pkcs1 = generateKeyPairSync('rsa', {
  modulusLength: 2_048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
});

describe('access', () => {
  let nowMs = Date.parse('2026-11-29T10:00:00Z');
  const clock = { nowMs: () => nowMs };
  let fake: FakeGitHub;
  let runner: GitHubRunner;
  beforeEach(async () => {
    const apps = {
      '7': { installationId: '70', publicKey: keys.publicKey },
      'Iv1.a': { installationId: '80', publicKey: pkcs1.publicKey },
    };
    fake = await startFakeGitHub({ clock, apps });
    fake.repository('octocat/hello-world').open({ title: 'One' });
    runner = gitHubRunner(clock);
  });
  afterEach(async () => {
    await fake[Symbol.asyncDispose]();
    await runner[Symbol.asyncDispose]();
  });

  const app = (data: Record<string, string | number> = {}, id = 'cr_1') => ({
    ...{ id, type: 'github.app', allowedHosts: [] },
    data: { appId: 7, installationId: 70, privateKey: keys.privateKey, apiUrl: fake.url, ...data },
  });
  const get = (credential: Parameters<GitHubRunner['run']>[2]['credentials'], more = {}) =>
    runner.run('github.issue.get', { number: 1 }, { credentials: credential ?? [], ...more });
  const bearers = () => fake.calls.map(({ headers }) => headers.authorization);

  describe('by a token', () => {
    it('sends it to the host of the API alone', async () => {
      expect(await get([tokenCredential(fake.url)])).toMatchObject({ number: 1 });
      expect(bearers()).toEqual(['Bearer ghp_canary0123456789']);
      const bound = { ...tokenCredential(fake.url), allowedHosts: ['api.github.com', '*.example.com'] };
      await expect(get([bound])).rejects.toMatchObject({ code: 'CREDENTIAL_HOST_NOT_ALLOWED' });
      expect(await get([{ ...bound, allowedHosts: ['127.0.0.1'] }])).toMatchObject({ number: 1 });
      expect(fake.calls).toHaveLength(2);
    });

    it('does not follow a link elsewhere with it', async () => {
      await using other = await startFakeGitHub();
      const link = `<${other.url.replace('127.0.0.1', 'localhost')}/repos/a/b/issues?page=2>; rel="next"`;
      fake.trouble = () => ({ kind: 'answer', status: 200, headers: { link }, body: [] });
      await expect(
        runner.run('github.issue.list', {}, { credentials: [tokenCredential(fake.url)] }),
      ).rejects.toMatchObject({ code: 'CREDENTIAL_HOST_NOT_ALLOWED' });
      expect(other.calls).toEqual([]);
    });

    it('is over when it is refused', async () => {
      fake.revoked.add('ghp_canary0123456789');
      await expect(get([tokenCredential(fake.url)])).rejects.toMatchObject({ code: 'GITHUB_UNAUTHENTICATED' });
      expect(fake.calls).toHaveLength(1);
    });
  });

  describe('by an account', () => {
    const account = (accessToken: string | undefined, provider: 'github' | 'generic' | 'slack' = 'generic') => {
      const endpoints = { tokenEndpoint: fake.url.replace('/api/v3', '/login/oauth/access_token') };
      const tokens = accessToken === undefined ? {} : { tokens: { accessToken, tokenType: 'bearer' } };
      const client = { grant: 'authorizationCode' as const, clientId: 'id', scopes: [] };
      const data = { provider, ...client, endpoints, ...tokens };
      return { id: 'cr_1', type: 'oauth2', allowedHosts: [], data } satisfies Credential<'oauth2'>;
    };

    it('renews a token that is refused, once', async () => {
      fake.revoked.add('old');
      const asked: string[] = [];
      const renewed = async ({ data }: Credential<'oauth2'>) => {
        asked.push(data.tokens?.accessToken ?? '');
        return account('new');
      };
      expect(await get([account('old')], { renewed })).toMatchObject({ number: 1 });
      expect([asked, bearers()]).toEqual([['old'], ['Bearer old', 'Bearer new']]);
      fake.revoked.add('new');
      await expect(get([account('old')], { renewed })).rejects.toMatchObject({ code: 'GITHUB_UNAUTHENTICATED' });
      expect(fake.calls).toHaveLength(4);
    });

    it('rejects as renewing does, so that the work can be parked, and nothing is in doubt', async () => {
      fake.revoked.add('old');
      const disconnected = new Error('connect it again');
      const renewed = () => Promise.reject(disconnected);
      const given = { credentials: [account('old')], renewed };
      await expect(runner.run('github.issue.create@2', { title: 'One' }, given)).rejects.toBe(disconnected);
    });

    it('has to be one at GitHub, and connected', async () => {
      await expect(get([account('t', 'slack')])).rejects.toMatchObject({ code: 'CREDENTIAL_WRONG_TYPE' });
      await expect(get([account(undefined)])).rejects.toMatchObject({ code: 'CREDENTIAL_NOT_CONNECTED' });
      expect(fake.calls).toEqual([]);
    });
  });

  describe('by an app', () => {
    it('takes a token for its installation, and keeps it until shortly before its end', async () => {
      await Promise.all([get([app()]), get([app()]), get([app()])]);
      expect(fake.appTokens).toHaveLength(1);
      expect(new Set(bearers().slice(1))).toEqual(new Set([`Bearer ${fake.appTokens[0]}`]));
      nowMs += 54 * 60_000;
      await get([app()]);
      expect(fake.appTokens).toHaveLength(1);
      nowMs += 2 * 60_000;
      await get([app()]);
      expect(fake.appTokens).toHaveLength(2);
    });

    it('takes another one when its token is refused', async () => {
      await get([app()]);
      fake.revoked.add(fake.appTokens[0] ?? '');
      expect(await get([app()])).toMatchObject({ number: 1 });
      expect(fake.appTokens).toHaveLength(2);
    });

    it.each([
      ['PKCS#1', { appId: 'Iv1.a', installationId: 80, privateKey: pkcs1.privateKey }],
      ['one line', { privateKey: keys.privateKey.replaceAll('\n', '\\n') }],
      ['Windows', { privateKey: keys.privateKey.replaceAll('\n', '\r\n') }],
    ])('takes a key as %s', async (_as, data) => {
      expect(await get([app(data)])).toMatchObject({ number: 1 });
    });

    it('gives nobody the token of an installation that has not the key of its app', async () => {
      const stranger = { ...app({ privateKey: pkcs1.privateKey }, 'cr_1') };
      const [mine, theirs] = await Promise.allSettled([get([app()]), get([stranger])]);
      expect(mine).toMatchObject({ status: 'fulfilled' });
      expect(theirs).toMatchObject({ status: 'rejected', reason: { code: 'GITHUB_UNAUTHENTICATED' } });
      await expect(get([stranger])).rejects.toMatchObject({ code: 'GITHUB_UNAUTHENTICATED' });
    });

    it('says when its key is none, and shows nothing of it', async () => {
      const privateKey = '-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----';
      const error: unknown = await get([app({ privateKey })]).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'GITHUB_APP_KEY_INVALID', options: { retryable: false } });
      expect(JSON.stringify([error, String(error)])).not.toContain('Y2FuYXJ5');
    });

    it('fails before it creates something without doubt, when it gets no token', async () => {
      fake.trouble = ({ path }) => (path.startsWith('/app/') ? { kind: 'lost' } : undefined);
      const given = { credentials: [app()] };
      const error: unknown = await runner
        .run('github.issue.create@2', { title: 'Two' }, given)
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'HTTP_DISCONNECTED', options: { retryable: true } });
      expect(error).not.toMatchObject({ options: { inDoubt: true } });
    });
  });

  describe('credential types', () => {
    it.each(OWN_CREDENTIALS.map((one) => [one.type, one] as const))('%s takes its example', (_type, definition) => {
      expect(definition.data.safeParse(definition.example).success).toBe(true);
      expect(definition.secretsOf(definition.example)).not.toEqual([]);
    });

    it('know what is secret', () => {
      expect(githubToken.secretsOf({ token: 'ghp_a' })).toEqual(['ghp_a']);
      expect(githubApp.secretsOf({ appId: '7', installationId: '70', privateKey: 'a\nb' })).toEqual(['a\nb', 'a\\nb']);
    });

    it.each([
      { token: 'a b' },
      { token: '' },
      { token: 'a', apiUrl: 'ftp://example.com' },
      { token: 'a', apiUrl: 'https://user:pass@example.com/' },
      { token: 'a', apiUrl: 'https://example.com/?a' },
    ])('refuses the token %j', (data) => {
      expect(githubToken.data.safeParse(data).success).toBe(false);
    });

    it('takes a URL with a slash at its end', () => {
      const parsed = githubToken.data.parse({ token: 'a', apiUrl: 'https://example.com/api/v3/' });
      expect(parsed.apiUrl).toBe('https://example.com/api/v3');
    });
  });
});
