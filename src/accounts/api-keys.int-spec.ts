import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { TestApp, type Answer } from '../platform/testing/test-app.ts';
import type { SessionView } from './accounts.dto.ts';
import { apiKeyView, newApiKeyView, type ApiKeyView, type NewApiKeyView } from './api-keys.dto.ts';
import { People, problem } from './testing/people.ts';

const MINUTE_MS = 60_000;
const whole = z.strictObject(newApiKeyView.shape).extend({ key: z.string().regex(/^mrk_[\w-]{43}$/) });
const known = z.strictObject(apiKeyView.shape);
const page = z.strictObject({ items: z.array(known), nextCursor: z.string().nullable() });

describe('API keys', () => {
  let app: TestApp;
  let people: People;
  let owner: SessionView;
  beforeAll(async () => {
    app = await TestApp.start();
    people = new People(app);
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    owner = await people.register();
  });

  const create = (body: object, token = owner.accessToken): Promise<Answer> =>
    app.call('POST', '/v1/api-keys', { token, body });
  const made = async (body: object = {}, token?: string): Promise<NewApiKeyView> =>
    whole.parse((await create({ name: 'Deployments', role: 'owner', ...body }, token)).body);
  const read = (id: string, token = owner.accessToken): Promise<Answer> =>
    app.call('GET', `/v1/api-keys/${id}`, { token });
  const found = async (id: string): Promise<ApiKeyView> => known.parse((await read(id)).body);
  const remove = (id: string, token = owner.accessToken): Promise<Answer> =>
    app.call('DELETE', `/v1/api-keys/${id}`, { token });
  const list = async (query = ''): Promise<z.output<typeof page>> =>
    page.parse((await app.call('GET', `/v1/api-keys${query}`, { token: owner.accessToken })).body);
  const inMs = (ms: number): string => new Date(app.clock.now + ms).toISOString();

  describe('making one', () => {
    it('shows it once, and stores its hash alone', async () => {
      const answer = await create({ name: '  Deployments ', role: 'editor' });
      const { key, ...rest } = whole.parse(answer.body);
      expect(answer).toMatchObject({
        status: 201,
        headers: { location: `/v1/api-keys/${rest.id}`, 'cache-control': 'no-store' },
      });
      expect(rest).toMatchObject({
        id: expect.stringMatching(/^key_/) as string,
        name: 'Deployments',
        role: 'editor',
        createdAt: inMs(0),
        expiresAt: null,
        lastUsedAt: null,
        createdBy: { type: 'user', id: owner.user.id },
      });
      expect(await found(rest.id)).toEqual(rest);
      const rows = JSON.stringify(await people.sql('select * from api_keys where id = ?', rest.id));
      expect(rows).not.toContain(key);
      expect(app.log.join('')).not.toContain(key);
    });

    it('takes an end in the future, in whatever zone', async () => {
      const { id } = await made({ expiresAt: '2030-01-01T01:00:00+01:00' });
      expect((await found(id)).expiresAt).toBe('2030-01-01T00:00:00.000Z');
    });

    it.each([-1, 0])('refuses an end %d ms from now', async (ms) => {
      expect(await create({ name: 'Old', role: 'viewer', expiresAt: inMs(ms) })).toMatchObject({
        status: 422,
        body: { code: 'API_KEY_EXPIRY_PASSED', errors: [{ path: 'expiresAt' }] },
      });
    });

    it.each([
      ['name', { role: 'viewer' }],
      ['name', { name: '', role: 'viewer' }],
      ['name', { name: 'n'.repeat(101), role: 'viewer' }],
      ['name', { name: 'nul\u0000', role: 'viewer' }],
      ['name', { name: 'half \ud800', role: 'viewer' }],
      ['role', { name: 'x' }],
      ['role', { name: 'x', role: 'admin' }],
      ['expiresAt', { name: 'x', role: 'viewer', expiresAt: '2030-01-01T00:00:00' }],
      ['expiresAt', { name: 'x', role: 'viewer', expiresAt: '2030-02-30T00:00:00Z' }],
      ['expiresAt', { name: 'x', role: 'viewer', expiresAt: '9999-12-31T23:59:59-01:00' }],
      ['expiresAt', { name: 'x', role: 'viewer', expiresAt: 1_900_000_000_000 }],
      ['key', { name: 'x', role: 'viewer', key: 'mrk_mine' }],
    ])('refuses a wrong %s: %j', async (path, body) => {
      expect(await create(body)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST', errors: [{ path }] } });
    });

    it.each(['n', 'n'.repeat(100), '🔑'.repeat(100)])('takes names up to the bounds: %s', async (name) => {
      expect((await create({ name, role: 'viewer' })).status).toBe(201);
    });

    it('ends at a hundred in a workspace, also when several are made at once', async () => {
      await people.sql(
        `insert into api_keys (id, workspace_id, name, role, key_hash, created_by_type, created_by_id, created_at)
         select 'key_filler' || n, ?, 'filler', 'viewer', 'hash' || n, 'user', ?, now() from generate_series(1, 98) n`,
        owner.workspace.id,
        owner.user.id,
      );
      const answers = await Promise.all([1, 2, 3, 4].map(() => create({ name: 'x', role: 'viewer' })));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 422, 422]);
      expect(answers.find(({ status }) => status === 422)).toMatchObject(problem(422, 'TOO_MANY_API_KEYS'));
      await remove('key_filler1');
      expect((await create({ name: 'x', role: 'viewer' })).status).toBe(201);
    });
  });

  describe('calling with one', () => {
    it('is calling as the key, in its workspace and role', async () => {
      const { id, name, key } = await made({ role: 'viewer' });
      expect(await people.whoIs(key)).toEqual({
        user: null,
        apiKey: { id, name },
        workspace: owner.workspace,
        role: 'viewer',
        workspaces: [],
      });
      expect(await create({ name: 'x', role: 'viewer' }, key)).toMatchObject(problem(403, 'FORBIDDEN'));
    });

    it('makes further keys, which say so', async () => {
      const { id, key } = await made();
      expect((await made({ name: 'Child' }, key)).createdBy).toEqual({ type: 'apiKey', id });
    });

    it('records the last use, to within a minute', async () => {
      const { id, key } = await made();
      expect((await people.me(key)).status).toBe(200);
      const first = inMs(0);
      expect((await found(id)).lastUsedAt).toBe(first);
      await using another = await TestApp.start({ databaseUrl: app.databaseUrl });
      another.clock.now = app.clock.now + MINUTE_MS - 1;
      expect((await new People(another).me(key)).status).toBe(200);
      expect((await found(id)).lastUsedAt).toBe(first);
      await using third = await TestApp.start({ databaseUrl: app.databaseUrl });
      third.clock.now = app.clock.now + MINUTE_MS;
      expect((await new People(third).me(key)).status).toBe(200);
      expect((await found(id)).lastUsedAt).toBe(inMs(MINUTE_MS));
    });

    it('ends at the instant that was said, without counting as a use', async () => {
      const { id, key } = await made({ expiresAt: inMs(MINUTE_MS) });
      app.clock.now += MINUTE_MS - 1;
      expect((await people.me(key)).status).toBe(200);
      app.clock.now += 1;
      expect(await people.me(key)).toMatchObject(problem(401, 'API_KEY_EXPIRED'));
      await using another = await TestApp.start({ databaseUrl: app.databaseUrl });
      another.clock.now = app.clock.now + 10 * MINUTE_MS;
      expect(await new People(another).me(key)).toMatchObject(problem(401, 'API_KEY_EXPIRED'));
      expect((await found(id)).lastUsedAt).toBe(inMs(-1));
    });

    it.each(['mrk_', `mrk_${randomBytes(32).toString('base64url')}`, 'mrk_..', 'MRK_x'])(
      'opens nothing when it was never given out: %s',
      async (key) => {
        expect(await people.me(key)).toMatchObject(problem(401, 'TOKEN_INVALID'));
      },
    );

    it('does not log anybody out', async () => {
      const { key } = await made();
      expect(await app.call('POST', '/v1/auth/logout', { token: key })).toMatchObject(problem(401, 'TOKEN_INVALID'));
    });
  });

  describe('deleting one', () => {
    it('takes effect at once', async () => {
      const { id, key } = await made();
      expect((await people.me(key)).status).toBe(200);
      expect((await remove(id)).status).toBe(204);
      expect(await people.me(key)).toMatchObject(problem(401, 'TOKEN_INVALID'));
      expect(await read(id)).toMatchObject(problem(404, 'API_KEY_NOT_FOUND'));
      expect(await remove(id)).toMatchObject(problem(404, 'API_KEY_NOT_FOUND'));
    });

    it('may be done by the key itself', async () => {
      const { id, key } = await made();
      expect((await remove(id, key)).status).toBe(204);
      expect(await people.me(key)).toMatchObject(problem(401, 'TOKEN_INVALID'));
    });
  });

  it('are listed newest first, page by page, while others are made', async () => {
    for (const name of ['a', 'b', 'c', 'd']) {
      await made({ name });
      if (name !== 'b') app.clock.now += 1;
    }
    const first = await list('?limit=2');
    expect(first.items.map(({ name }) => name)).toEqual(['d', expect.stringMatching(/[bc]/)]);
    await made({ name: 'e' });
    const second = await list(`?limit=2&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items].map(({ name }) => name).toSorted()).toEqual(['a', 'b', 'c', 'd']);
    expect(second.nextCursor).toBeNull();
    expect((await list()).items).toHaveLength(5);
  });

  it.each([
    '["0000-01-01T00:00:00Z","key_1"]',
    '["2026-06-01T00:00:00Z","nul\\u0000"]',
    '["2026-06-01T00:00:00Z",{}]',
    '[]',
    'x',
  ])('are not listed from a cursor of somebody’s own: %s', async (text) => {
    const cursor = Buffer.from(text).toString('base64url');
    const answer = await app.call('GET', `/v1/api-keys?cursor=${cursor}`, { token: owner.accessToken });
    expect(answer).toMatchObject(problem(400, 'INVALID_CURSOR'));
  });

  it('are not there for other workspaces', async () => {
    const { id } = await made();
    const { accessToken } = await people.register();
    expect(await read(id, accessToken)).toMatchObject(problem(404, 'API_KEY_NOT_FOUND'));
    expect(await remove(id, accessToken)).toMatchObject(problem(404, 'API_KEY_NOT_FOUND'));
    expect(await remove('nonsense', accessToken)).toMatchObject(problem(404, 'API_KEY_NOT_FOUND'));
    expect((await read(id)).status).toBe(200);
  });

  it.each(['editor', 'viewer', 'auditor'] as const)('are the owner’s business, not of an %s', async (role) => {
    const { id } = await made();
    const { accessToken: token } = await people.join(owner, role);
    expect(await create({ name: 'x', role: 'viewer' }, token)).toMatchObject(problem(403, 'FORBIDDEN'));
    expect(await read(id, token)).toMatchObject(problem(403, 'FORBIDDEN'));
    expect(await remove(id, token)).toMatchObject(problem(403, 'FORBIDDEN'));
    expect(await app.call('GET', '/v1/api-keys', { token })).toMatchObject(problem(403, 'FORBIDDEN'));
  });
});
