import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { IdSource, WorkspaceId } from '#libs/kernel';
import { ID_SOURCE } from '../platform/tokens.ts';
import { TestApp, type Answer } from '../platform/testing/test-app.ts';
import type { Credential } from '#libs/credential-types';
import { CreateCredential, MAX_CREDENTIALS } from './create-credential.ts';
import { WorkflowUsage, type UsingWorkflow } from '../read-models/workflow-usage.ts';
import { CredentialChanges } from './credential-changes.ts';
import { CredentialRevoker } from './credential-revoker.ts';
import { CredentialChecker, type CredentialCheck } from './credential-checker.ts';
import { CredentialsModule } from './credentials.module.ts';
import { OpenCredential } from './open-credential.ts';
import { ReadCredentials } from './read-credentials.ts';

const view = z.strictObject({
  id: z.string().regex(/^cr_/),
  name: z.string(),
  type: z.string(),
  allowedHosts: z.array(z.string()),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
type View = z.output<typeof view>;

const CANARY = 'canary-9d1f';
const USED: UsingWorkflow[] = [];

@Injectable()
class UsageOfTheSpec extends WorkflowUsage {
  workflowsUsing = async (): Promise<UsingWorkflow[]> => USED;
}

const WRONG = { ok: false, code: 'SMTP_AUTH', message: 'the server does not let us in' } as const;

/** Nothing of these specs was given by a service. */
class RevokerOfTheSpec extends CredentialRevoker {
  override revoke(): Promise<void> {
    return Promise.resolve();
  }
}

@Injectable()
class CheckerOfTheSpec extends CredentialChecker {
  check = async ({ type }: Credential): Promise<CredentialCheck | undefined> => (type === 'smtp' ? WRONG : undefined);
}

/** Those that were told of. */
const CHANGED: string[] = [];

@Injectable()
class ChangesOfTheSpec extends CredentialChanges {
  announce = (_workspaceId: string, credentialId: string): void => void CHANGED.push(credentialId);
}

describe('credentials', () => {
  let app: TestApp;
  let owner: { token: string; workspaceId: WorkspaceId };
  let count = 0;

  beforeAll(async () => {
    app = await TestApp.start({
      features: [
        CredentialsModule.forRoot({
          usage: UsageOfTheSpec,
          changes: ChangesOfTheSpec,
          checker: CheckerOfTheSpec,
          revoker: RevokerOfTheSpec,
        }),
      ],
    });
  });
  beforeEach(async () => {
    USED.length = 0;
    CHANGED.length = 0;
    owner = await register();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  async function register(): Promise<typeof owner> {
    const body = { email: `person${++count}@example.com`, password: 'correct horse battery' };
    const answer = await app.call('POST', '/v1/auth/register', { body });
    const { accessToken, workspace } = answer.body as { accessToken: string; workspace: { id: WorkspaceId } };
    return { token: accessToken, workspaceId: workspace.id };
  }
  const post = (body: unknown, { token } = owner): Promise<Answer> =>
    app.call('POST', '/v1/credentials', { token, body });
  const at = (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    id: string,
    body?: unknown,
    { token } = owner,
  ): Promise<Answer> => app.call(method, `/v1/credentials/${id}`, { token, ...(body === undefined ? {} : { body }) });
  const bearer = { name: 'Payments', type: 'http.bearer', data: { token: CANARY } };
  const create = async (body: object = bearer): Promise<View> => view.parse((await post(body)).body);
  const sql = (text: string, parameters: unknown[] = []): Promise<Record<string, unknown>[]> =>
    app.nest.get(EntityManager, { strict: false }).fork().execute(text, parameters);
  const open = (id: string, workspaceId = owner.workspaceId) =>
    app.nest.get(OpenCredential, { strict: false }).find(workspaceId, id);
  const problem = (status: number, code: string) => ({ status, body: { status, code } });

  describe('storing', () => {
    it.each([
      ['http.basic', { username: 'ada', password: CANARY }],
      ['http.bearer', { token: CANARY }],
      ['http.header', { name: 'X-Api-Key', value: CANARY }],
      ['webhook.secret', { secret: CANARY, previousSecret: `${CANARY}-2` }],
      ['smtp', { host: 'mail.example.com', port: 587, secure: true, username: 'ada', password: CANARY }],
    ])('%s gives it back to nodes, and shows its data to nobody', async (type, data) => {
      const answer = await post({ name: ' Payments ', type, data });
      const { check, ...rest } = answer.body as Record<string, unknown>;
      const created = view.parse(rest);
      expect(check).toEqual(type === 'smtp' ? { ...WRONG, checkedAt: expect.any(String) as unknown } : undefined);
      expect(answer).toMatchObject({ status: 201, headers: { location: `/v1/credentials/${created.id}` } });
      expect(created).toMatchObject({ name: 'Payments', type, allowedHosts: [] });
      expect(await at('GET', created.id)).toMatchObject({ status: 200, body: created });
      expect(await open(created.id)).toEqual({
        kind: 'found',
        credential: { id: created.id, type, data, allowedHosts: [] },
      });
      const [row] = await sql('select * from credentials where id = ?', [created.id]);
      const stored = Object.values(row!).map((value) => Buffer.from((value ?? '') as string).toString('latin1'));
      expect(stored.join(' ') + app.log.join('\n')).not.toContain(CANARY);
    });

    it.each<[string, unknown]>([
      ['data.password', { ...bearer, type: 'http.basic', data: { username: 'ada' } }],
      ['data.token', { ...bearer, data: { token: `${CANARY} ${CANARY}` } }],
      ['data.role', { ...bearer, data: { token: CANARY, role: CANARY } }],
      ['data', { ...bearer, data: CANARY }],
      ['data', { name: 'x', type: 'http.bearer' }],
      ['type', { ...bearer, type: 'oauth9' }],
      ['name', { ...bearer, name: ' ' }],
      ['name', { ...bearer, name: 'nul\u0000' }],
      ['name', { ...bearer, name: 'n'.repeat(101) }],
      ['allowedHosts[0]', { ...bearer, allowedHosts: ['https://example.com'] }],
      ['allowedHosts', { name: 'x', type: 'webhook.secret', data: { secret: CANARY }, allowedHosts: ['example.com'] }],
      ['workspaceId', { ...bearer, workspaceId: 'ws_other' }],
      ['', undefined],
    ])('refuses a wrong %s without repeating it', async (path, body) => {
      const answer = await post(body);
      expect(answer).toMatchObject(problem(400, 'INVALID_REQUEST'));
      expect(answer.body).toMatchObject({ errors: [{ path }] });
      expect(JSON.stringify(answer.body)).not.toContain(CANARY);
    });

    it('takes data up to 16 KiB as JSON', async () => {
      const tokenOf = (bytes: number): string => 't'.repeat(bytes - '{"token":""}'.length);
      expect(await post({ ...bearer, data: { token: tokenOf(16_384) } })).toMatchObject({ status: 201 });
      const over = await post({ ...bearer, data: { token: tokenOf(16_385) } });
      expect(over).toMatchObject({ status: 400, body: { errors: [{ path: 'data' }] } });
      const { id } = await create();
      expect(await at('PATCH', id, { data: { token: tokenOf(16_384) } })).toMatchObject({ status: 200 });
      expect(await at('PATCH', id, { data: { token: tokenOf(16_385) } })).toMatchObject({
        status: 400,
        body: { errors: [{ path: 'data' }] },
      });
    });

    it('takes a thousand a workspace, however many come at once', async () => {
      const { id } = await create();
      await sql(
        `insert into credentials
         select 'cr_' || workspace_id || n, workspace_id, name, type, allowed_hosts, key_id, wrapped_key, sealed_data, created_at, updated_at
         from credentials, generate_series(1, ?) as n where id = ?`,
        [MAX_CREDENTIALS - 3, id],
      );
      const answers = await Promise.all([1, 2, 3, 4].map(() => post(bearer)));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 422, 422]);
      expect(await post(bearer)).toMatchObject(problem(422, 'CREDENTIAL_LIMIT_REACHED'));
      expect(await post(bearer, await register())).toMatchObject({ status: 201 });
    });
  });

  it('that are for a server can be tried at any time, others can not', async () => {
    const data = { host: 'mail.example.com', port: 587, secure: true };
    const { body } = await post({ name: 'Mail', type: 'smtp', data });
    const checked = await at('POST', `${(body as View).id}/check`);
    expect(checked).toMatchObject({ status: 200, body: { ...WRONG, checkedAt: expect.any(String) as unknown } });
    const { id } = await create();
    expect(await at('POST', `${id}/check`)).toMatchObject(problem(422, 'CREDENTIAL_NOT_CHECKABLE'));
    expect(await at('POST', 'cr_none/check')).toMatchObject(problem(404, 'CREDENTIAL_NOT_FOUND'));
  });

  describe('the list', () => {
    it('has all of the workspace, newest first, by pages', async () => {
      const created: View[] = [];
      for (let index = 0; index < 3; index++) {
        created.unshift(await create({ ...bearer, name: `c${index}` }));
        app.clock.now += 1;
      }
      const list = (query: string): Promise<Answer> =>
        app.call('GET', `/v1/credentials${query}`, { token: owner.token });
      const first = (await list('?limit=2')).body as { items: View[]; nextCursor: string };
      expect(first.items).toEqual(created.slice(0, 2));
      expect((await list(`?limit=2&cursor=${first.nextCursor}`)).body).toEqual({
        items: created.slice(2),
        nextCursor: null,
      });
      expect(await list('?cursor=x')).toMatchObject(problem(400, 'INVALID_CURSOR'));
      expect(await list('?limit=201')).toMatchObject(problem(400, 'INVALID_REQUEST'));
    });
  });

  describe('changing', () => {
    it('takes name, data and hosts, and leaves alone what is left out', async () => {
      const { id, createdAt } = await create();
      app.clock.now += 1000;
      const renamed = await at('PATCH', id, { name: 'New', allowedHosts: ['API.example.com'] });
      const updatedAt = new Date(app.clock.now).toISOString();
      const changed = { id, name: 'New', type: 'http.bearer', allowedHosts: ['api.example.com'], createdAt, updatedAt };
      expect(renamed).toMatchObject({ status: 200, body: changed });
      expect(await open(id)).toMatchObject({ credential: { data: { token: CANARY } } });
      expect(await at('PATCH', id, { data: { token: 'newer' } })).toMatchObject({ status: 200, body: changed });
      expect(await open(id)).toMatchObject({
        credential: { data: { token: 'newer' }, allowedHosts: changed.allowedHosts },
      });
      app.clock.now += 1000;
      expect(await at('PATCH', id, {})).toMatchObject({ status: 200, body: changed });
      expect(await at('GET', id)).toMatchObject({ status: 200, body: changed });
    });

    it.each<[string, unknown]>([
      ['data.token', { data: {} }],
      ['data.password', { data: { username: 'ada', password: CANARY, token: 'x' } }],
      ['data', { data: [CANARY] }],
      ['type', { type: 'smtp' }],
      ['name', { name: null }],
    ])('refuses a wrong %s without repeating it', async (path, body) => {
      const { id } = await create();
      const answer = await at('PATCH', id, body);
      expect(answer).toMatchObject(problem(400, 'INVALID_REQUEST'));
      expect((answer.body as { errors: { path: string }[] }).errors.map((error) => error.path)).toContain(path);
      expect(JSON.stringify(answer.body)).not.toContain(CANARY);
      expect(await open(id)).toMatchObject({ credential: { data: { token: CANARY } } });
    });

    it('loses nothing when several change different fields at once', async () => {
      for (let round = 0; round < 5; round++) {
        const { id } = await create();
        const [bound, renamed] = await Promise.all([
          at('PATCH', id, { allowedHosts: ['api.example.com'] }),
          at('PATCH', id, { name: 'New' }),
        ]);
        const both = { name: 'New', allowedHosts: ['api.example.com'] };
        expect([bound.body, renamed.body]).toContainEqual(expect.objectContaining(both));
        expect(await at('GET', id)).toMatchObject({ status: 200, body: both });
      }
    });

    it('lets it go to more hosts only with its data', async () => {
      const { id } = await create({ ...bearer, allowedHosts: ['*.example.com'] });
      for (const allowedHosts of [[], ['evil.example'], ['a.example.com', 'example.com']]) {
        const answer = await at('PATCH', id, { name: 'New', allowedHosts });
        expect(answer).toMatchObject(problem(422, 'CREDENTIAL_DATA_REQUIRED'));
        expect(answer.body).toMatchObject({ errors: [{ path: 'data' }] });
      }
      expect(await at('GET', id)).toMatchObject({ body: { name: 'Payments', allowedHosts: ['*.example.com'] } });
      const narrower = { allowedHosts: ['a.example.com'] };
      expect(await at('PATCH', id, narrower)).toMatchObject({ status: 200, body: narrower });
      const wider = { allowedHosts: ['a.example.com', 'example.org'] };
      expect(await at('PATCH', id, { ...wider, data: { token: 't' } })).toMatchObject({ status: 200, body: wider });
      expect(await at('PATCH', id, { allowedHosts: [], data: { token: 't' } })).toMatchObject({ status: 200 });
    });

    it('binds only what HTTP nodes send to hosts', async () => {
      const { id } = await create({ name: 'Hook', type: 'webhook.secret', data: { secret: CANARY } });
      expect(await at('PATCH', id, { allowedHosts: [] })).toMatchObject({
        status: 400,
        body: { errors: [{ path: 'allowedHosts' }] },
      });
    });
  });

  describe('deleting', () => {
    it('is for ever', async () => {
      const { id } = await create();
      expect(await at('DELETE', id)).toMatchObject({ status: 204, body: '' });
      expect(await at('DELETE', id)).toMatchObject(problem(404, 'CREDENTIAL_NOT_FOUND'));
      expect(await at('GET', id)).toMatchObject(problem(404, 'CREDENTIAL_NOT_FOUND'));
      expect(await open(id)).toEqual({ kind: 'absent' });
    });

    it('is refused while active workflows use it, with their ids', async () => {
      const { id } = await create();
      USED.push({ id: 'wf_1', name: 'Big orders' }, { id: 'wf_2', name: 'Small orders' });
      const answer = await at('DELETE', id);
      expect(answer).toMatchObject(problem(409, 'CREDENTIAL_IN_USE'));
      expect(answer.body).toMatchObject({
        errors: [{ path: 'wf_1', message: 'the active workflow "Big orders" uses it' }, { path: 'wf_2' }],
      });
      expect(await at('GET', id)).toMatchObject({ status: 200 });
    });
  });

  it('that are changed or deleted are told of, and no others', async () => {
    const { id } = await create();
    expect((await at('PATCH', id, { data: {} })).status).toBe(400);
    expect((await at('GET', id)).status).toBe(200);
    expect(CHANGED).toEqual([]);
    expect((await at('PATCH', id, { name: 'New' })).status).toBe(200);
    expect((await at('DELETE', id)).status).toBe(204);
    expect((await at('DELETE', id)).status).toBe(404);
    expect(CHANGED).toEqual([id, id]);
  });

  describe('another workspace', () => {
    it.each<['GET' | 'POST' | 'PATCH' | 'DELETE', unknown]>([
      ['GET', undefined],
      ['PATCH', { name: 'Mine' }],
      ['PATCH', { data: { token: 'mine' } }],
      ['DELETE', undefined],
    ])('does not exist for %s %j', async (method, body) => {
      const { id } = await create();
      USED.push({ id: 'wf_1', name: 'Big orders' });
      const stranger = await register();
      expect(await at(method, id, body, stranger)).toMatchObject(problem(404, 'CREDENTIAL_NOT_FOUND'));
      expect(await open(id, stranger.workspaceId)).toEqual({ kind: 'absent' });
      const list = await app.call('GET', '/v1/credentials', { token: stranger.token });
      expect(list.body).toEqual({ items: [], nextCursor: null });
      expect(await open(id)).toMatchObject({ kind: 'found', credential: { data: { token: CANARY } } });
    });

    it('does not open a row that was moved there', async () => {
      const { id } = await create();
      const { workspaceId } = await register();
      await sql('update credentials set workspace_id = ? where id = ?', [workspaceId, id]);
      expect(await open(id, workspaceId)).toMatchObject({ kind: 'unreadable' });
    });

    it('is missing from those that a workflow may name', async () => {
      const [mine, other] = [await create(), await create()];
      const theirs = view.parse((await post(bearer, await register())).body);
      const ids = [theirs.id, mine.id, 'cr_none', 'nul\u0000', other.id, theirs.id];
      const reading = app.nest.get(ReadCredentials, { strict: false });
      expect(await reading.missing(owner.workspaceId, ids)).toEqual([theirs.id, 'cr_none', 'nul\u0000']);
      expect(await reading.missing(owner.workspaceId, [])).toEqual([]);
    });
  });

  it.each(['', 'x', 'cr_', 'cr_%00', 'wf_1', 'cr_none'])('the id %j names nothing', async (id) => {
    const answer = await at('PATCH', id, { name: 'x' });
    expect(answer.status).toBe(404);
  });

  it.each([
    ['editor', 200, 201],
    ['viewer', 200, 403],
    ['auditor', 403, 403],
  ])('%s reads with %i and writes with %i', async (role, reads, writes) => {
    // Without a call: the role of who called is known for some seconds.
    const creating = app.nest.get(CreateCredential, { strict: false });
    const data = { token: CANARY };
    const id = app.nest.get<IdSource>(ID_SOURCE).newId('credential');
    await creating.execute(owner.workspaceId, id, {
      ...bearer,
      type: 'http.bearer',
      data,
      allowedHosts: [],
    });
    await sql('update memberships set role = ? where workspace_id = ?', [role, owner.workspaceId]);
    expect((await at('GET', id)).status).toBe(reads);
    expect((await app.call('GET', '/v1/credentials', { token: owner.token })).status).toBe(reads);
    expect((await post(bearer)).status).toBe(writes);
    expect((await at('PATCH', id, {})).status).toBe(writes === 201 ? 200 : 403);
    expect((await at('DELETE', id)).status).toBe(writes === 201 ? 204 : 403);
  });

  it('are of types that anybody may look up', async () => {
    const { status, body } = await app.call('GET', '/v1/credential-types');
    expect(status).toBe(200);
    const { items } = body as { items: { type: string; dataSchema: object }[] };
    expect(items.map(({ type }) => type)).toEqual([
      'http.basic',
      'http.bearer',
      'http.header',
      'webhook.secret',
      'smtp',
      'imap',
      'oauth2',
      'github.token',
      'github.app',
      'slack.token',
    ]);
    expect(items[1]?.dataSchema).toMatchObject({ type: 'object', required: ['token'], additionalProperties: false });
  });
});
