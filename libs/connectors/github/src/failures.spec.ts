import type { JsonObject, JsonValue } from '#libs/kernel';
import { NodeError } from '#libs/node-kit';
import { startFakeGitHub, type FakeGitHub, type FakeTrouble } from './testing/index.ts';
import { gitHubRunner, tokenCredential } from './testing/run-github.ts';

const NOW = Date.parse('2026-11-29T10:00:00Z');

describe('failures', () => {
  const runner = gitHubRunner({ nowMs: () => NOW });
  let fake: FakeGitHub;
  beforeEach(async () => {
    fake = await startFakeGitHub({ clock: { nowMs: () => NOW } });
  });
  afterEach(() => fake[Symbol.asyncDispose]());
  afterAll(() => runner[Symbol.asyncDispose]());

  async function failed(type: string, config: JsonObject, signal?: AbortSignal): Promise<NodeError> {
    const given = { credentials: [tokenCredential(fake.url)], ...(signal ? { signal } : {}) };
    const error = await runner.run(type, config, given).catch((thrown: unknown) => thrown);
    if (error instanceof NodeError) return error;
    throw new Error(`expected a NodeError, and there was ${String(error)}`);
  }
  const answering = (status: number, headers: Record<string, string> = {}, body: JsonValue = {}): void => {
    fake.trouble = () => ({ kind: 'answer', status, headers, body });
  };

  it.each<[number, string, boolean, string]>([
    [400, 'GITHUB_REFUSED', false, 'answered'],
    [401, 'GITHUB_UNAUTHENTICATED', false, 'answered'],
    [403, 'GITHUB_FORBIDDEN', false, 'answered'],
    [404, 'GITHUB_NOT_FOUND', false, 'answered'],
    [405, 'GITHUB_NOT_ALLOWED', false, 'answered'],
    [409, 'GITHUB_CONFLICT', false, 'answered'],
    [410, 'GITHUB_GONE', false, 'answered'],
    [422, 'GITHUB_VALIDATION', false, 'answered'],
    [451, 'GITHUB_REFUSED', false, 'answered'],
    [500, 'GITHUB_FAILED', true, 'failed'],
    [502, 'GITHUB_FAILED', true, 'failed'],
    [503, 'GITHUB_FAILED', true, 'failed'],
  ])('%i is %s, worth another attempt: %s, and GitHub %s', async (status, code, retryable, destination) => {
    answering(status, {}, { message: 'Why', documentation_url: 'https://docs.github.com/x' });
    for (const [type, config] of [
      ['github.issue.get', { number: 1 }],
      ['github.issue.list', {}],
    ] as const)
      expect(await failed(type, config)).toMatchObject({
        code,
        message: `GitHub answered ${status}: Why`,
        options: {
          retryable,
          destination,
          details: {
            status,
            message: 'Why',
            documentationUrl: 'https://docs.github.com/x',
            requestId: expect.any(String) as string,
          },
        },
      });
    expect(fake.calls).toHaveLength(2);
  });

  it('tells what is wrong with each field', async () => {
    const errors = [{ resource: 'Issue', field: 'title', code: 'missing_field', value: { deep: 1 } }, 'as text'];
    answering(422, {}, { message: 'Validation Failed', errors });
    expect((await failed('github.issue.get', { number: 1 })).options.details).toMatchObject({
      errors: [{ resource: 'Issue', field: 'title', code: 'missing_field' }, 'as text'],
    });
  });

  const NONE_LEFT = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1_000 + 90) };
  it.each<[string, [number, Record<string, string>, JsonValue?], number]>([
    ['nothing left', [403, NONE_LEFT], 90_000],
    ['nothing left, as 429', [429, NONE_LEFT], 90_000],
    ['Retry-After', [403, { 'retry-after': '17' }], 17_000],
    ['Retry-After, with nothing left', [429, { ...NONE_LEFT, 'retry-after': '17' }], 17_000],
    ['no time', [429, {}], 60_000],
    ['its text', [403, {}, { message: 'You have exceeded a secondary rate limit.' }], 60_000],
  ])('a limit by %s waits as long as GitHub says', async (_by, answer, retryAfterMs) => {
    answering(...answer);
    expect(await failed('github.comment.create', { number: 1, body: 'a' })).toMatchObject({
      code: 'GITHUB_RATE_LIMITED',
      options: { retryable: true, retryAfterMs, rateLimited: true, destination: 'failed' },
    });
    expect(fake.calls).toHaveLength(1);
  });

  it('takes the clock of GitHub for when its limit ends', async () => {
    const date = new Date(NOW + 600_000).toUTCString();
    answering(403, { date, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1_000 + 690) });
    expect((await failed('github.issue.get', { number: 1 })).options.retryAfterMs).toBe(90_000);
  });

  describe('an answer that was lost', () => {
    const lost: FakeTrouble = { kind: 'lost' };

    it.each<[string, JsonObject]>([
      ['github.issue.create@2', { title: 'One' }],
      ['github.comment.create', { number: 1, body: 'Hello' }],
      ['github.pull.create', { title: 'One', head: 'a', base: 'b' }],
      ['github.review.create', { number: 1, verdict: 'APPROVE' }],
      ['github.release.create', { tag: 'v1' }],
      ['github.dispatch.repository', { eventType: 'deploy' }],
      ['github.dispatch.workflow', { workflow: 'a.yml', ref: 'main' }],
      ['github.request', { method: 'POST', path: '/repos/octocat/hello-world/issues', json: { title: 'One' } }],
    ])('leaves %s in doubt', async (type, config) => {
      fake.trouble = () => lost;
      expect(await failed(type, config)).toMatchObject({
        code: 'HTTP_DISCONNECTED',
        options: { retryable: false, inDoubt: true, destination: 'failed' },
      });
      for (const status of [502, 504]) {
        answering(status);
        expect((await failed(type, config)).options).toMatchObject({ retryable: false, inDoubt: true });
      }
      answering(500);
      expect((await failed(type, config)).options).toMatchObject({ retryable: true, inDoubt: false });
    });

    it.each<[string, JsonObject]>([
      ['github.issue.get', { number: 1 }],
      ['github.issue.list', {}],
      ['github.issue.update', { number: 1, state: 'closed' }],
      ['github.label.add', { number: 1, labels: ['a'] }],
      ['github.label.remove', { number: 1, label: 'a' }],
      ['github.pull.merge', { number: 1 }],
      ['github.file.put', { path: 'a', text: 'a', message: 'a' }],
      ['github.file.delete', { path: 'a', sha: 'a'.repeat(40), message: 'a' }],
      ['github.request', { path: '/zen' }],
      ['github.request', { method: 'POST', path: '/zen', repeatable: true }],
    ])('of %s is asked for again', async (type, config) => {
      fake.trouble = () => lost;
      const { options } = await failed(type, config);
      expect(options).toMatchObject({ retryable: true });
      expect(options.inDoubt).not.toBe(true);
    });

    it('is in doubt too when the time of the attempt was over', async () => {
      fake.trouble = () => ({ kind: 'silent' });
      const controller = new AbortController();
      const error = failed('github.issue.create@2', { title: 'One' }, controller.signal);
      await untilCalled(fake);
      controller.abort(new DOMException('too long', 'TimeoutError'));
      expect(await error).toMatchObject({ code: 'HTTP_TIMEOUT', options: { inDoubt: true } });
    });

    it('is in no doubt when nothing was sent', async () => {
      const error = await failed('github.issue.create@2', { title: 'One' }, AbortSignal.abort());
      expect(error).toMatchObject({ code: 'HTTP_ABORTED', options: { retryable: true } });
      expect(error.options.inDoubt).toBeUndefined();
      expect(fake.calls).toEqual([]);
      const away = tokenCredential('http://127.0.0.1:1/api/v3');
      const refused = runner.run('github.issue.create@2', { title: 'One' }, { credentials: [away] });
      await expect(refused).rejects.toMatchObject({ code: 'HTTP_CONNECT', options: { retryable: true } });
    });

    it('is in doubt when it can not be read', async () => {
      const headers = { 'content-encoding': 'gzip' };
      fake.trouble = () => ({ kind: 'answer', status: 201, headers, body: {} });
      expect(await failed('github.issue.create@2', { title: 'One' })).toMatchObject({
        code: 'HTTP_INVALID_RESPONSE',
        options: { inDoubt: true },
      });
    });
  });

  describe('a repository with another name', () => {
    it('is found by a redirect, with the method that was meant', async () => {
      const issue = { title: 'One' };
      fake.trouble = ({ path }) =>
        path.includes('octocat')
          ? { kind: 'answer', status: 307, headers: { location: fake.url + path.replace('octocat', 'new-owner') } }
          : undefined;
      await runner.run('github.issue.create@2', issue, { credentials: [tokenCredential(fake.url)] });
      expect(fake.repository('new-owner/hello-world').issues).toMatchObject([issue]);
      expect(fake.calls.map(({ method }) => method)).toEqual(['POST', 'POST']);
    });

    it.each([
      [301, 'http://127.0.0.1:1/'],
      [307, 'http://127.0.0.1:1/'],
    ])('is not looked for elsewhere: %i to %s', async (status, location) => {
      answering(status, { location });
      expect(await failed('github.issue.create@2', { title: 'One' })).toMatchObject({ code: 'GITHUB_REFUSED' });
      expect(fake.calls).toHaveLength(1);
    });
  });
});

async function untilCalled(fake: FakeGitHub): Promise<void> {
  while (fake.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
}
