import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../test/support/servers.ts';
import { until } from '../../test/support/until.ts';
import type { IdSource, WorkspaceId } from '#libs/kernel';
import { createRootKeys } from '../platform/root-keys.ts';
import { ID_SOURCE } from '../platform/tokens.ts';
import { TestApp } from '../platform/testing/test-app.ts';
import { CreateCredential } from './create-credential.ts';
import { WorkflowUsage } from '../read-models/workflow-usage.ts';
import { CredentialChanges } from './credential-changes.ts';
import { CredentialRevoker } from './credential-revoker.ts';
import { CredentialChecker } from './credential-checker.ts';
import { CredentialsModule } from './credentials.module.ts';
import { OpenCredential } from './open-credential.ts';
import { RewrapDataKeys } from './rewrap-data-keys.ts';

class NoUsage extends WorkflowUsage {
  workflowsUsing = async () => [];
}

class NobodyToTell extends CredentialChanges {
  announce = (): void => undefined;
}

/** Nothing of these specs was given by a service. */
class RevokerOfTheSpec extends CredentialRevoker {
  override revoke(): Promise<void> {
    return Promise.resolve();
  }
}

class NothingTried extends CredentialChecker {
  check = async () => undefined;
}

const [first, second] = [randomBytes(32), randomBytes(32)];
/** Two batches and a bit. */
const COUNT = 230;
const NOTHING_LEFT = 'no credential is under an older root key';

describe('a new root key', () => {
  let database: TestDatabase;
  let client: Client;
  let workspaceId: WorkspaceId;
  const ids: string[] = [];

  const start = (...keys: [Uint8Array, ...Uint8Array[]]): Promise<TestApp> =>
    TestApp.start({
      databaseUrl: database.url,
      rootKeys: createRootKeys(keys),
      features: [
        CredentialsModule.forRoot({
          usage: NoUsage,
          changes: NobodyToTell,
          checker: NothingTried,
          revoker: RevokerOfTheSpec,
        }),
      ],
    });
  const tells = (app: TestApp, text: string): Promise<string> =>
    until(`the log says: ${text}`, async () => app.log.find((line) => line.includes(text)));
  const open = (app: TestApp, id: string) => app.nest.get(OpenCredential, { strict: false }).find(workspaceId, id);
  const keysInUse = async (): Promise<string[]> => {
    const { rows } = await client.query<{ key_id: string }>('select distinct key_id from credentials order by 1');
    return rows.map((row) => row.key_id);
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
    await using app = await start(first);
    const body = { email: 'ada@example.com', password: 'correct horse battery' };
    const answer = await app.call('POST', '/v1/auth/register', { body });
    workspaceId = (answer.body as { workspace: { id: WorkspaceId } }).workspace.id;
    const creating = app.nest.get(CreateCredential, { strict: false });
    for (let index = 0; index < COUNT; index++) {
      const data = { token: `token-${index}` };
      const id = app.nest.get<IdSource>(ID_SOURCE).newId('credential');
      await creating.execute(workspaceId, id, { name: 'c', type: 'http.bearer', data, allowedHosts: [] });
      ids.push(id);
    }
  });
  afterAll(async () => {
    await client.end();
    await database[Symbol.asyncDispose]();
  });

  it('alone reads nothing that is there; it can be listed, replaced and deleted', async () => {
    await using app = await start(second);
    await tells(app, 'under root keys that are not known here');
    expect(await open(app, ids[0]!)).toMatchObject({
      kind: 'unreadable',
      why: expect.stringContaining('MILLRACE_SECRET_KEY_PREVIOUS') as string,
    });
    const login = { email: 'ada@example.com', password: 'correct horse battery' };
    const { body } = await app.call('POST', '/v1/auth/login', { body: login });
    const { accessToken: token } = body as { accessToken: string };
    expect(await app.call('GET', '/v1/credentials', { token })).toMatchObject({ status: 200 });
    const path = `/v1/credentials/${ids[0]}`;
    expect(await app.call('PATCH', path, { token, body: { data: { token: 'token-0' } } })).toMatchObject({
      status: 200,
    });
    expect(await open(app, ids[0]!)).toMatchObject({ kind: 'found' });
  });

  it('beside the older one takes over all data keys, also when several processes start at once', async () => {
    const data = async (): Promise<{ id: string }[]> =>
      (await client.query<{ id: string }>('select id, sealed_data, updated_at from credentials order by id')).rows;
    const before = await data();
    await client.query(`update credentials set wrapped_key = '\\x01' where id = $1`, [ids[3]]);
    {
      await using one = await start(second, first);
      await using other = await start(second, first);
      await tells(one, 'older root key');
      await tells(other, 'older root key');
      expect([...one.log, ...other.log].join('\n')).toContain('a credential does not open and keeps its old root key');
    }
    await client.query('delete from credentials where id = $1', [ids[3]]);
    const [current] = createRootKeys([second]).all;
    expect(await keysInUse()).toEqual([current!.id]);
    expect(await data()).toEqual(before.filter((row) => row.id !== ids[3]));
    await using last = await start(second, first);
    await tells(last, NOTHING_LEFT);
    expect(last.log.join('\n')).not.toContain('are under the current root key now');
  });

  it('takes over what a process that still had the older key alone stored after the start', async () => {
    await using late = await start(first);
    await using app = await start(second, first);
    await tells(app, NOTHING_LEFT);
    const creating = late.nest.get(CreateCredential, { strict: false });
    const data = { token: 'late' };
    const id = late.nest.get<IdSource>(ID_SOURCE).newId('credential');
    await creating.execute(workspaceId, id, { name: 'c', type: 'http.bearer', data, allowedHosts: [] });
    const [older, current] = createRootKeys([first, second]).all;
    expect(await keysInUse()).toEqual([older!.id, current!.id].toSorted());
    await app.nest.get(RewrapDataKeys, { strict: false }).run();
    expect(await keysInUse()).toEqual([current!.id]);
    await client.query('delete from credentials where id = $1', [id]);
  });

  it('is then enough', async () => {
    await using app = await start(second);
    for (const [index, id] of ids.entries()) {
      if (index === 3) continue;
      expect(await open(app, id)).toMatchObject({ kind: 'found', credential: { data: { token: `token-${index}` } } });
    }
    expect(app.log.join('\n')).not.toContain('older root key');
  });
});
