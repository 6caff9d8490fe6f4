import type { Allowance, NodeError } from '#libs/node-kit';
import { allowanceIn, quotaOf, resourceOfPath } from './rate-limits.ts';
import { startFakeGitHub } from './testing/index.ts';
import { gitHubRunner, tokenCredential } from './testing/run-github.ts';

const NOW = Date.parse('2026-11-29T10:00:00Z');
const HEADERS = {
  'x-ratelimit-limit': '5000',
  'x-ratelimit-remaining': '4990',
  'x-ratelimit-reset': String(NOW / 1_000 + 600),
};
const core = { resource: 'core', status: 200, nowMs: NOW } as const;

describe('allowanceIn', () => {
  it.each<[Record<string, string>, Allowance | undefined]>([
    [HEADERS, { kind: 'limited', limit: 5_000, remaining: 4_990, resetInMs: 600_000 }],
    [
      { ...HEADERS, date: new Date(NOW + 60_000).toUTCString() },
      { kind: 'limited', limit: 5_000, remaining: 4_990, resetInMs: 540_000 },
    ],
    [
      { ...HEADERS, date: new Date(NOW + 700_000).toUTCString() },
      { kind: 'limited', limit: 5_000, remaining: 4_990, resetInMs: 0 },
    ],
    [{ ...HEADERS, 'x-ratelimit-resource': 'search' }, undefined],
    [{ ...HEADERS, 'x-ratelimit-reset': 'soon' }, undefined],
    [{}, { kind: 'unlimited' }],
  ])('%j', (headers, allowance) => {
    expect(allowanceIn(headers, core)).toEqual(allowance);
  });

  it('takes no page of a proxy for a GitHub without a limit', () => {
    expect(allowanceIn({}, { ...core, status: 502 })).toBeUndefined();
  });
});

describe('quotas', () => {
  it('are of the credential, and searches have their own', async () => {
    await using runner = gitHubRunner();
    const of = (type: string, config: object) => {
      const node = runner.node(type);
      if (node.runs !== 'executor') throw new Error('no action');
      const parsed = node.configSchema.parse({ credentialId: 'cr_1', ...config });
      return [node.destinationOf?.(parsed), node.quotasOf?.(parsed)];
    };
    const quota = { key: 'cr_1@github', limit: 5_000, perMs: 3_600_000, learns: true };
    expect(of('github.issue.get', { repository: 'a/b', number: 1 })).toEqual(['cr_1@github', [quota]]);
    const search = { key: 'cr_1@github/search', limit: 30, perMs: 60_000, learns: true };
    expect(of('github.issue.search', { query: 'a' })).toEqual(['cr_1@github/search', [search]]);
    expect(of('github.request', { path: '/search/issues' })).toEqual(['cr_1@github/search', [search]]);
    expect(of('github.request', { path: '/repos/a/b' })).toEqual(['cr_1@github', [quota]]);
    expect(quotaOf('cr_1', resourceOfPath('/search/code'))).toMatchObject({
      key: 'cr_1@github/code_search',
      limit: 10,
    });
  });

  it('are learned from each answer, also from one that refuses', async () => {
    const clock = { nowMs: () => NOW };
    await using fake = await startFakeGitHub({ limit: 2, perMs: 60_000, clock });
    await using runner = gitHubRunner(clock);
    fake.repository('octocat/hello-world').open({ title: 'One' });
    const learned: { readonly key: string; readonly allowance: Allowance }[] = [];
    const given = { credentials: [tokenCredential(fake.url)], learned };
    const get = () => runner.run('github.issue.get', { number: 1 }, given);
    await get();
    await get();
    await expect(get()).rejects.toMatchObject({ code: 'GITHUB_RATE_LIMITED', options: { retryAfterMs: 60_000 } });
    const left = (remaining: number) => ({ kind: 'limited', limit: 2, remaining, resetInMs: 60_000 });
    expect(learned.map(({ allowance }) => allowance)).toEqual([left(1), left(0), left(0)]);
    expect(new Set(learned.map(({ key }) => key))).toEqual(new Set(['cr_1@github']));
    expect(fake.refusedByLimit()).toBe(1);
  });

  it('that refuse a later page let the attempt begin anew', async () => {
    await using fake = await startFakeGitHub({ limit: 1 });
    await using runner = gitHubRunner();
    for (let issue = 0; issue < 150; issue++) fake.repository('octocat/hello-world').open({ title: 'One' });
    const list = () => runner.run('github.issue.list', { maxItems: 150 }, { credentials: [tokenCredential(fake.url)] });
    const refused = { retryable: true, rateLimited: true, destination: 'failed' };
    await expect(list()).rejects.toMatchObject({
      code: 'GITHUB_RATE_LIMITED',
      options: { ...refused, afterAnswers: true },
    });
    const first = (await list().catch((error: unknown) => error)) as NodeError;
    expect(first).toMatchObject({ code: 'GITHUB_RATE_LIMITED', options: refused });
    expect(first.options.afterAnswers).toBeUndefined();
  });

  it('are none where an Enterprise Server says nothing of any', async () => {
    await using fake = await startFakeGitHub({ tellsLimits: false });
    await using runner = gitHubRunner();
    const learned: { readonly key: string; readonly allowance: Allowance }[] = [];
    await runner.run('github.issue.list', {}, { credentials: [tokenCredential(fake.url)], learned });
    expect(learned).toEqual([{ key: 'cr_1@github', allowance: { kind: 'unlimited' } }]);
  });

  it('begin anew in the fake as at GitHub: when the window is over', async () => {
    let nowMs = NOW;
    await using fake = await startFakeGitHub({ limit: 1, perMs: 60_000, clock: { nowMs: () => nowMs } });
    await using runner = gitHubRunner({ nowMs: () => nowMs });
    const get = (token?: string) =>
      runner.run('github.issue.list', {}, { credentials: [tokenCredential(fake.url, token)] });
    await get();
    await expect(get()).rejects.toMatchObject({ code: 'GITHUB_RATE_LIMITED' });
    await get('ghp_other');
    nowMs += 60_000;
    await get();
    expect(fake.refusedByLimit()).toBe(1);
  });
});
