import { z } from 'zod';
import { TestApp, type Answer } from '../platform/testing/test-app.ts';
import { sessionView, type SessionView } from './accounts.dto.ts';
import { memberView, type MemberView } from './members.dto.ts';
import { People, problem } from './testing/people.ts';

const member = z.strictObject(memberView.shape);
const page = z.strictObject({ items: z.array(member), nextCursor: z.string().nullable() });

describe('members', () => {
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

  const call = (method: 'POST' | 'PATCH' | 'DELETE' | 'GET', path = '', token = owner.accessToken, body?: object) =>
    app.call(method, `/v1/members${path}`, { token, ...(body && { body }) });
  const add = (body: object, token?: string): Promise<Answer> => call('POST', '', token, body);
  const change = (who: SessionView, role: string, token?: string): Promise<Answer> =>
    call('PATCH', `/${who.user.id}`, token, { role });
  const remove = (who: SessionView, token?: string): Promise<Answer> => call('DELETE', `/${who.user.id}`, token);
  const list = async (query = ''): Promise<z.output<typeof page>> => page.parse((await call('GET', query)).body);
  const viewOf = async (who: SessionView): Promise<MemberView> =>
    member.parse((await call('GET', `/${who.user.id}`)).body);
  const refresh = ({ refreshToken }: SessionView): Promise<Answer> =>
    app.call('POST', '/v1/auth/refresh', { body: { refreshToken } });

  describe('adding one', () => {
    it('lets somebody in who has registered, whatever the case of the address', async () => {
      const { user } = await people.register();
      app.clock.now += 1000;
      const answer = await add({ email: ` ${user.email.toUpperCase()}`, role: 'editor' });
      expect(answer).toMatchObject({ status: 201, headers: { location: `/v1/members/${user.id}` } });
      expect(member.parse(answer.body)).toEqual({
        userId: user.id,
        email: user.email,
        name: null,
        role: 'editor',
        joinedAt: new Date(app.clock.now).toISOString(),
      });
      expect((await list()).items).toMatchObject([{ userId: user.id }, { userId: owner.user.id, role: 'owner' }]);
    });

    it('refuses an address with which nobody has registered, and says what to do', async () => {
      const answer = await add({ email: people.newEmail(), role: 'viewer' });
      expect(answer).toMatchObject(problem(422, 'NO_SUCH_ACCOUNT'));
      expect(answer.body).toMatchObject({ detail: expect.stringContaining('/v1/auth/register') as string });
    });

    it('refuses who is a member already, also when both come at once', async () => {
      const { user } = await people.register();
      const body = { email: user.email, role: 'viewer' };
      const answers = await Promise.all([1, 2, 3].map(() => add(body)));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409]);
      expect(await add({ email: owner.user.email, role: 'viewer' })).toMatchObject(problem(409, 'ALREADY_MEMBER'));
    });

    it('ends at five hundred', async () => {
      await people.sql(
        `insert into users (id, email, password_hash, created_at)
         select 'usr_' || ? || n, ? || n || '@example.com', '', now() from generate_series(1, 498) n`,
        owner.user.id,
        owner.user.id,
      );
      await people.sql(
        `insert into memberships (user_id, workspace_id, role, created_at)
         select id, ?, 'viewer', now() from users where id like 'usr_' || ? || '%'`,
        owner.workspace.id,
        owner.user.id,
      );
      const [one, other] = [await people.register(), await people.register()];
      expect((await add({ email: one.user.email, role: 'viewer' })).status).toBe(201);
      expect(await add({ email: other.user.email, role: 'viewer' })).toMatchObject(problem(422, 'TOO_MANY_MEMBERS'));
      await remove(one);
      expect((await add({ email: other.user.email, role: 'viewer' })).status).toBe(201);
    });

    it.each([
      ['email', { role: 'viewer' }],
      ['email', { email: 'nobody', role: 'viewer' }],
      ['email', { email: { $ne: null }, role: 'viewer' }],
      ['role', { email: 'x@example.com' }],
      ['role', { email: 'x@example.com', role: 'boss' }],
      ['userId', { email: 'x@example.com', role: 'viewer', userId: 'usr_1' }],
    ])('refuses a wrong %s: %j', async (path, body) => {
      expect(await add(body)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST', errors: [{ path }] } });
    });
  });

  describe('changing a role', () => {
    it('takes effect at once, with the token that they have', async () => {
      const other = await people.join(owner, 'viewer');
      expect((await add({ email: 'x' }, other.accessToken)).status).toBe(403);
      const answer = await change(other, 'owner');
      expect(member.parse(answer.body)).toEqual(await viewOf(other));
      expect(answer).toMatchObject({ status: 200, body: { role: 'owner' } });
      expect((await people.whoIs(other.accessToken)).role).toBe('owner');
      await change(other, 'auditor');
      expect((await people.whoIs(other.accessToken)).role).toBe('auditor');
    });

    it('keeps the last owner', async () => {
      expect(await change(owner, 'editor')).toMatchObject(problem(409, 'LAST_OWNER'));
      expect((await change(owner, 'owner')).status).toBe(200);
      const other = await people.join(owner, 'owner');
      expect((await change(owner, 'editor')).status).toBe(200);
      expect(await change(other, 'viewer', other.accessToken)).toMatchObject(problem(409, 'LAST_OWNER'));
    });

    it('keeps an owner when two demote each other at once', async () => {
      for (let round = 0; round < 5; round++) {
        const one = await people.register();
        const second = await people.join(one, 'owner');
        const answers = await Promise.all([
          change(second, 'editor', one.accessToken),
          change(one, 'editor', second.accessToken),
        ]);
        expect(answers.map(({ status }) => status).toSorted()[0]).toBe(200);
        const owners = await people.sql(
          `select user_id from memberships where workspace_id = ? and role = 'owner'`,
          one.workspace.id,
        );
        expect(owners).toHaveLength(1);
      }
    });
  });

  describe('removing one', () => {
    it('ends what they have of this workspace, at once', async () => {
      const other = await people.join(owner, 'editor');
      expect((await people.me(other.accessToken)).status).toBe(200);
      expect((await remove(other)).status).toBe(204);
      expect(await people.me(other.accessToken)).toMatchObject(problem(401, 'TOKEN_INVALID'));
      expect(await refresh(other)).toMatchObject(problem(401, 'REFRESH_REVOKED'));
      expect(await remove(other)).toMatchObject(problem(404, 'USER_NOT_FOUND'));
      expect(await call('GET', `/${other.user.id}`)).toMatchObject(problem(404, 'USER_NOT_FOUND'));
    });

    it('leaves them what they have elsewhere', async () => {
      const own = await people.register();
      await people.add(owner, own.user.email, 'editor');
      await remove(own);
      expect((await people.me(own.accessToken)).status).toBe(200);
      expect((await refresh(own)).status).toBe(200);
    });

    it('lets nobody slip in by a login at the same moment', async () => {
      for (let round = 0; round < 5; round++) {
        const other = await people.join(owner, 'viewer');
        const { email } = other.user;
        const [login, removal] = await Promise.all([
          people.logIn({ email, workspaceId: owner.workspace.id }),
          remove(other),
        ]);
        expect(removal.status).toBe(204);
        if (login.status === 200)
          expect(await refresh(sessionView.parse(login.body))).toMatchObject(problem(401, 'REFRESH_REVOKED'));
        else expect(login).toMatchObject(problem(403, 'NO_WORKSPACE'));
      }
    });

    it.each(['editor', 'viewer', 'auditor'] as const)('is leaving, for an %s', async (role) => {
      const [one, other] = [await people.join(owner, role), await people.join(owner, role)];
      expect(await remove(other, one.accessToken)).toMatchObject(problem(403, 'FORBIDDEN'));
      expect(await remove(await people.register(), one.accessToken)).toMatchObject(problem(403, 'FORBIDDEN'));
      expect((await remove(one, one.accessToken)).status).toBe(204);
      expect((await list()).items.map(({ userId }) => userId)).not.toContain(one.user.id);
    });

    it('keeps the last owner, also when two leave at once', async () => {
      expect(await remove(owner)).toMatchObject(problem(409, 'LAST_OWNER'));
      const other = await people.join(owner, 'owner');
      const answers = await Promise.all([remove(owner), remove(other, other.accessToken)]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 409]);
    });
  });

  it('may be of several workspaces, and log into each', async () => {
    const other = await people.register();
    app.clock.now += 1;
    await people.add(owner, other.user.email, 'auditor');
    const both = [
      { ...other.workspace, role: 'owner' },
      { ...owner.workspace, role: 'auditor' },
    ];
    const { email } = other.user;
    const there = sessionView.parse((await people.logIn({ email, workspaceId: owner.workspace.id })).body);
    expect(await people.whoIs(there.accessToken)).toEqual({
      user: other.user,
      apiKey: null,
      workspace: owner.workspace,
      role: 'auditor',
      workspaces: both,
    });
    expect((await people.logIn({ email })).body).toMatchObject({ workspace: other.workspace });
  });

  it.each([
    ['that is not theirs', () => owner.workspace.id],
    ['that is not there', () => 'ws_nowhere'],
    ['that could be none', () => 'nul\u0000'],
  ])('get the same answer for a workspace %s', async (_, workspaceId) => {
    const { user } = await people.register();
    const answer = await people.logIn({ email: user.email, workspaceId: workspaceId() });
    expect(answer).toMatchObject(problem(403, 'NO_WORKSPACE'));
    expect(JSON.stringify(answer.body)).not.toContain(owner.workspace.id);
  });

  it('are listed, who joined last first, page by page', async () => {
    const joined: string[] = [owner.user.id];
    for (let n = 0; n < 4; n++) {
      app.clock.now += 1;
      joined.unshift((await people.add(owner, (await people.register()).user.email, 'viewer')).userId);
    }
    const first = await list('?limit=3');
    const second = await list(`?limit=3&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items].map(({ userId }) => userId)).toEqual(joined);
    expect(second.nextCursor).toBeNull();
  });

  it('are not there for other workspaces', async () => {
    const other = await people.join(owner, 'editor');
    const { accessToken } = await people.register();
    expect(await call('GET', `/${other.user.id}`, accessToken)).toMatchObject(problem(404, 'USER_NOT_FOUND'));
    expect(await change(other, 'owner', accessToken)).toMatchObject(problem(404, 'USER_NOT_FOUND'));
    expect(await remove(other, accessToken)).toMatchObject(problem(404, 'USER_NOT_FOUND'));
    expect((await viewOf(other)).role).toBe('editor');
  });

  it('are seen by viewers, and not by auditors', async () => {
    const [viewer, auditor] = [await people.join(owner, 'viewer'), await people.join(owner, 'auditor')];
    expect((await call('GET', '', viewer.accessToken)).status).toBe(200);
    expect(await call('GET', '', auditor.accessToken)).toMatchObject(problem(403, 'FORBIDDEN'));
    for (const { accessToken } of [viewer, auditor]) {
      expect(await add({ email: 'x@example.com', role: 'viewer' }, accessToken)).toMatchObject(
        problem(403, 'FORBIDDEN'),
      );
      expect(await change(owner, 'viewer', accessToken)).toMatchObject(problem(403, 'FORBIDDEN'));
    }
  });
});
