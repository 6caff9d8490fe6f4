import type { JsonObject, JsonValue } from '#libs/kernel';
import type { ResponseDrift } from '#libs/node-kit';
import { startFakeGitHub, type FakeGitHub } from './testing/index.ts';
import { gitHubRunner, tokenCredential } from './testing/run-github.ts';

describe('actions', () => {
  const runner = gitHubRunner();
  let fake: FakeGitHub;
  let drift: ResponseDrift[];
  beforeEach(async () => {
    fake = await startFakeGitHub();
    drift = [];
  });
  afterEach(async () => {
    await fake[Symbol.asyncDispose]();
    expect(drift).toEqual([]);
  });
  afterAll(() => runner[Symbol.asyncDispose]());

  const run = (type: string, config: JsonObject = {}): Promise<JsonValue> =>
    runner.run(type, config, { credentials: [tokenCredential(fake.url)], drift });
  const failing = (type: string, config: JsonObject) => expect(run(type, config)).rejects;
  const repository = () => fake.repository('octocat/hello-world');

  describe('issues', () => {
    it('are created, as the API of each version has them', async () => {
      expect(await run('github.issue.create', { title: 'One', assignee: 'ann', labels: ['bug'] })).toMatchObject({
        number: 1,
        assignee: { login: 'ann' },
        assignees: [{ login: 'ann' }],
      });
      const second = await run('github.issue.create@2', { title: 'Two', body: 'Text', assignees: ['ann', 'ben'] });
      expect(second).toMatchObject({ number: 2, body: 'Text', assignees: [{ login: 'ann' }, { login: 'ben' }] });
      expect(second).not.toHaveProperty('assignee');
      expect(fake.calls.map(({ headers }) => headers['x-github-api-version'])).toEqual(['2022-11-28', '2026-03-10']);
      expect(fake.calls[0]?.headers).toMatchObject({ accept: 'application/vnd.github+json' });
      expect(fake.calls[0]?.headers['user-agent']).toMatch(/^Millrace\/1\.2\.3 /);
    });

    it('are upgraded from one assignee to several, and the reader of the output is told', () => {
      const node = runner.node('github.issue.create@2');
      expect(node.upgrade?.({ title: 'One', assignee: '{{ trigger.body.who }}' })).toEqual({
        config: { title: 'One', assignees: ['{{ trigger.body.who }}'] },
        notes: [{ path: '', message: expect.stringContaining('assignees') as string }],
      });
      expect(node.upgrade?.({ title: 7 }).config).toEqual({ title: 7 });
      expect(runner.node('github.issue.create').deprecated).toMatchObject({ replacedBy: 'github.issue.create@2' });
    });

    it('are read, and not again while nothing has changed', async () => {
      repository().open({ title: 'One' });
      const read = (await run('github.issue.get', { number: 1 })) as JsonObject;
      expect(read).toMatchObject({ number: 1, title: 'One', notModified: false });
      const etag = read.etag ?? null;
      expect(await run('github.issue.get', { number: 1, ifNoneMatch: etag })).toEqual({ notModified: true, etag });
      await run('github.issue.update', { number: 1, state: 'closed', stateReason: 'completed', labels: ['done'] });
      expect(await run('github.issue.get', { number: 1, ifNoneMatch: etag })).toMatchObject({
        state: 'closed',
        state_reason: 'completed',
        labels: [{ name: 'done' }],
        notModified: false,
      });
    });

    it('are listed over pages, as many as are wanted', async () => {
      for (let number = 1; number <= 250; number++) repository().open({ title: `${number}`, labels: ['bug'] });
      repository().open({ title: 'other' });
      const numbersOf = (output: JsonValue) =>
        ((output as JsonObject).items as JsonObject[]).map(({ number }) => number);
      const all = await run('github.issue.list', { labels: ['bug'], maxItems: 1_000 });
      expect(numbersOf(all)).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
      expect(all).toMatchObject({ complete: true, notModified: false, etag: expect.stringMatching(/^"/) as string });
      expect(fake.calls.map(({ path }) => path)).toEqual([
        '/repos/octocat/hello-world/issues?labels=bug&per_page=100',
        '/repos/octocat/hello-world/issues?labels=bug&per_page=100&page=2',
        '/repos/octocat/hello-world/issues?labels=bug&per_page=100&page=3',
      ]);
      expect(numbersOf(await run('github.issue.list', { labels: ['bug'], maxItems: 120 }))).toHaveLength(120);
      expect(await run('github.issue.list', { labels: ['bug'] })).toMatchObject({ complete: false });
      expect(fake.calls).toHaveLength(6);
      const { etag = null } = all as JsonObject;
      expect(await run('github.issue.list', { labels: ['bug'], maxItems: 250, ifNoneMatch: etag })).toEqual({
        notModified: true,
        etag,
      });
      expect(await run('github.issue.list', { labels: ['none'] })).toMatchObject({ items: [], complete: true });
    });

    it('are searched, with how many there are', async () => {
      for (const title of ['red one', 'red two', 'blue']) repository().open({ title });
      expect(await run('github.issue.search', { query: 'red is:open', maxItems: 1 })).toMatchObject({
        items: [{ title: 'red one' }],
        totalCount: 2,
        complete: false,
      });
      expect(fake.calls[0]?.path).toBe('/search/issues?q=red+is%3Aopen&per_page=1');
    });

    it('have comments and labels', async () => {
      repository().open({ title: 'One', labels: ['bug'] });
      expect(await run('github.comment.create', { number: 1, body: 'Hello' })).toMatchObject({ id: 1, body: 'Hello' });
      expect(await run('github.comment.list', { number: 1 })).toMatchObject({ items: [{ body: 'Hello' }] });
      expect(await run('github.label.add', { number: 1, labels: ['a/b ü', 'bug'] })).toEqual({
        labels: [{ name: 'bug' }, { name: 'a/b ü' }],
      });
      expect(await run('github.label.remove', { number: 1, label: 'a/b ü' })).toEqual({ labels: [{ name: 'bug' }] });
      await failing('github.label.remove', { number: 1, label: 'gone' }).toMatchObject({ code: 'GITHUB_NOT_FOUND' });
    });

    it.each(['..', '.', '%2e%2E'])('do not lose all labels by the name %s', async (label) => {
      repository().open({ title: 'One', labels: ['bug'] });
      await failing('github.label.remove', { number: 1, label }).toMatchObject({ code: 'GITHUB_INVALID_REQUEST' });
      expect(fake.calls).toEqual([]);
    });
  });

  describe('pull requests', () => {
    it('are created, read, listed, reviewed and merged', async () => {
      const created = await run('github.pull.create', { title: 'Fix', head: 'fix', base: 'main', draft: false });
      expect(created).toMatchObject({ number: 1, head: { ref: 'fix' }, base: { ref: 'main' } });
      await failing('github.pull.create', { title: 'Fix', head: 'fix', base: 'main' }).toMatchObject({
        code: 'GITHUB_VALIDATION',
      });
      expect(await run('github.pull.get', { number: 1 })).toMatchObject({ title: 'Fix', notModified: false });
      expect(await run('github.pull.list', { base: 'main' })).toMatchObject({ items: [{ number: 1 }] });
      const comments = [{ path: 'a.ts', line: 3, body: 'Why?' }];
      expect(await run('github.review.create', { number: 1, verdict: 'APPROVE', comments })).toMatchObject({
        state: 'APPROVED',
      });
      expect(repository().reviews).toEqual([{ event: 'APPROVE', comments }]);
      expect(await run('github.pull.merge', { number: 1, method: 'squash' })).toMatchObject({ merged: true });
      await failing('github.pull.merge', { number: 1 }).toMatchObject({ code: 'GITHUB_NOT_ALLOWED' });
    });
  });

  describe('releases', () => {
    it('are created and found', async () => {
      await failing('github.release.latest', {}).toMatchObject({ code: 'GITHUB_NOT_FOUND' });
      const created = await run('github.release.create', { tag: 'v1', name: 'One', generateNotes: true });
      expect(created).toMatchObject({ id: 1, tag_name: 'v1', generate_release_notes: true });
      await run('github.release.create', { tag: 'v2', prerelease: true });
      expect(await run('github.release.latest')).toMatchObject({ tag_name: 'v1' });
      expect(await run('github.release.list')).toMatchObject({ items: [{ tag_name: 'v2' }, { tag_name: 'v1' }] });
      await failing('github.release.create', { tag: 'v1' }).toMatchObject({
        options: { details: { errors: [{ resource: 'Release', field: 'tag_name', code: 'already_exists' }] } },
      });
    });
  });

  describe('files', () => {
    it('are written by commits, only in place of what is known', async () => {
      const path = 'docs/a b#1.md';
      const made = (await run('github.file.put', { path, text: 'ü', message: 'made' })) as {
        readonly content: { readonly sha: string };
      };
      expect(await run('github.file.get', { path })).toMatchObject({ path, text: 'ü', size: 2, sha: made.content.sha });
      const other = { path, text: 'b', message: 'changed' };
      await failing('github.file.put', other).toMatchObject({ code: 'GITHUB_VALIDATION' });
      await failing('github.file.put', { ...other, sha: 'a'.repeat(40) }).toMatchObject({ code: 'GITHUB_CONFLICT' });
      const changed = await run('github.file.put', { ...other, sha: made.content.sha });
      const { sha } = (changed as typeof made).content;
      await failing('github.file.get', { path: 'docs' }).toMatchObject({ code: 'GITHUB_NOT_A_FILE' });
      expect(await run('github.file.delete', { path, message: 'gone', sha })).toMatchObject({ content: null });
      await failing('github.file.get', { path }).toMatchObject({ code: 'GITHUB_NOT_FOUND' });
    });

    it('are text where they can be, else base64', async () => {
      repository().files.set('a.bin', Buffer.from([0xff, 0x00]));
      expect(await run('github.file.get', { path: 'a.bin' })).toMatchObject({ contentBase64: '/wA=' });
      await failing('github.file.get', { path: 'a.bin', as: 'text' }).toMatchObject({ code: 'GITHUB_FILE_NOT_TEXT' });
      repository().files.set('a.txt', Buffer.from('a'));
      expect(await run('github.file.get', { path: 'a.txt', as: 'base64' })).toMatchObject({ contentBase64: 'YQ==' });
    });

    it('are asked for by their blob above 1 MiB, and refused above 10', async () => {
      repository().files.set('large', Buffer.alloc(1_048_577, 'a'));
      const read = (await run('github.file.get', { path: 'large' })) as { readonly text: string };
      expect(read.text).toHaveLength(1_048_577);
      repository().files.set('huge', Buffer.alloc(10 * 1_048_576 + 1));
      await failing('github.file.get', { path: 'huge' }).toMatchObject({ code: 'GITHUB_FILE_TOO_LARGE' });
    });

    it.each(['../secrets', 'a/../../b', 'a//b', 'a/%2e%2e/b'])('stay in their repository: %s', async (path) => {
      await failing('github.file.get', { path }).toMatchObject({ code: 'GITHUB_INVALID_REQUEST' });
    });
  });

  it('dispatches events and workflows', async () => {
    const payload = { environment: 'production' };
    expect(await run('github.dispatch.repository', { eventType: 'deploy', payload })).toEqual({ dispatched: true });
    expect(
      await run('github.dispatch.workflow', { workflow: 'deploy.yml', ref: 'main', inputs: payload }),
    ).toMatchObject({ workflow_run_id: 2 });
    expect(repository().dispatched).toEqual([
      { event_type: 'deploy', client_payload: payload },
      { ref: 'main', inputs: payload },
    ]);
  });

  describe('github.request', () => {
    it('calls whatever there is', async () => {
      const path = '/repos/octocat/hello-world/issues';
      expect(await run('github.request', { method: 'POST', path, json: { title: 'One' } })).toMatchObject({
        status: 201,
        body: { number: 1 },
      });
      const read = await run('github.request', { path: `${path}/1`, apiVersion: '2022-11-28' });
      expect(read).toMatchObject({ status: 200, body: { assignee: null }, notModified: false });
      const { etag = null } = read as JsonObject;
      const again = { path: `${path}/1`, apiVersion: '2022-11-28', ifNoneMatch: etag };
      expect(await run('github.request', again)).toEqual({ notModified: true, etag });
      const page = { path, query: { state: 'all', sort: null }, paging: true };
      expect(await run('github.request', page)).toMatchObject({ items: [{ number: 1 }], complete: true });
      expect(fake.calls.at(-1)?.path).toBe(`${path}?per_page=100&state=all`);
      await run('github.request', { method: 'POST', path: '/repos/octocat/hello-world/dispatches', json: {} }).then(
        (output) => expect(output).toMatchObject({ status: 204, body: null }),
      );
    });

    it('has no pages of what is no list', async () => {
      repository().open({ title: 'One' });
      await failing('github.request', { path: '/repos/octocat/hello-world/issues/1', paging: true }).toMatchObject({
        code: 'GITHUB_NOT_A_LIST',
      });
    });

    it.each(['/../admin', '/repos/%2E%2e/x', '/./x'])('stays within the API: %s', async (path) => {
      await failing('github.request', { path }).toMatchObject({ code: 'GITHUB_INVALID_REQUEST' });
      expect(fake.calls).toEqual([]);
    });

    it('gives what is no JSON as text, or else as base64', async () => {
      fake.trouble = () => ({ kind: 'answer', status: 200, headers: { 'content-type': 'text/plain' }, body: 'a' });
      expect(await run('github.request', { path: '/zen' })).toMatchObject({ body: '"a"' });
      const headers = { 'content-type': 'application/zip' };
      fake.trouble = () => ({ kind: 'answer', status: 200, headers, body: 'a' });
      const body = { contentType: 'application/zip', base64: 'ImEi' };
      expect(await run('github.request', { path: '/zip' })).toMatchObject({ body });
    });
  });
});

describe('drift', () => {
  it('is told, and the output is there all the same', async () => {
    await using fake = await startFakeGitHub();
    await using runner = gitHubRunner();
    const drift: ResponseDrift[] = [];
    const given = { credentials: [tokenCredential(fake.url)], drift };
    const body = { number: '1', title: 'One', state: 'open' };
    fake.trouble = () => ({ kind: 'answer', status: 200, body });
    expect(await runner.run('github.issue.get', { number: 1 }, given)).toMatchObject(body);
    expect(drift).toContainEqual({ path: 'number', expected: 'number', found: 'string' });
    expect(drift).toContainEqual({ path: 'assignees', expected: 'array', found: 'missing' });
    drift.length = 0;
    fake.trouble = () => ({ kind: 'answer', status: 201, body: null });
    expect(await runner.run('github.comment.create', { number: 1, body: 'Hello' }, given)).toBeNull();
    expect(drift).toEqual([{ path: '', expected: 'object', found: 'null' }]);
  });
});
