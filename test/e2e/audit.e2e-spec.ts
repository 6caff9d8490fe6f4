import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { createCommitCodec, executionLog, JetStreamEventStore } from '#libs/event-store-jetstream';
import { executionEventSchema } from '#libs/execution-engine';
import { digestAfter, EMPTY_HISTORY } from '#libs/history-digest';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import { parseConfig } from '../../src/config/config.ts';
import { Api, call, type Reply } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { until } from '../support/until.ts';

const VERIFIER = resolve(import.meta.dirname, '../../scripts/audit-verify.mjs');
const graph = manualGraph({ shape: { type: 'set', config: { values: { id: '{{ trigger.body.id }}' } } } }, [
  'start>shape',
]);

interface Item {
  readonly index: number;
  readonly kind: string;
  readonly action: string;
  readonly actor: { readonly type: string; readonly id: string; readonly name: string | null };
  readonly role: string | null;
  readonly target: string | null;
  readonly outcome: { readonly status: number; readonly code: string | null } | null;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

describe('the audit', () => {
  let millrace: LocalMillrace;
  let api: Api;

  beforeAll(async () => {
    millrace = await startMillrace();
  }, 60_000);
  beforeEach(async () => {
    api = await Api.register(millrace.url);
  });
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
  }, 60_000);

  const list = async (query = '', by = api): Promise<Item[]> => {
    const reply = await by.send('GET', `/v1/audit${query}`);
    expect(reply.status).toBe(200);
    return (reply.body as { items: Item[] }).items;
  };
  const keyFor = async (role: string): Promise<{ id: string; as: Api }> => {
    const { body } = await api.send('POST', '/v1/api-keys', { json: { name: `the ${role}`, role } });
    const { id, key } = body as { id: string; key: string };
    return { id, as: Api.withToken(millrace.url, key) };
  };
  const idOf = ({ body }: Reply): string => (body as { id: string }).id;
  const started = async (): Promise<string> => {
    const workflowId = await api.create(graph);
    const reply = await api.send('POST', `/v1/workflows/${workflowId}/executions`, { json: { input: { id: 'A-17' } } });
    const { executionId } = reply.body as { executionId: string };
    await api.ended(executionId);
    return executionId;
  };

  describe('of changes', () => {
    it('shows one by a person at once, with what was before and after', async () => {
      const id = await api.create(graph);
      await api.send('POST', `/v1/workflows/${id}/activate`);
      const [activated, created, registered] = await list();
      expect(activated).toMatchObject({
        ...{ kind: 'change', action: 'workflow.activate', target: id, role: 'owner', address: '127.0.0.1' },
        ...{ actor: { type: 'user', name: expect.stringContaining('@example.com') as string } },
        ...{ outcome: { status: 200, code: null } },
        ...{ before: { latestVersion: 1, activeVersion: null }, after: { latestVersion: 1, activeVersion: 1 } },
      });
      expect(created).toMatchObject({ action: 'workflow.create', target: id, outcome: { status: 201 }, before: null });
      expect(created?.after).toMatchObject({ contentHash: expect.stringMatching(/^sha256:/) as string });
      expect(registered).toMatchObject({ kind: 'noted', action: 'account.registered', index: 0, outcome: null });
    });

    it('shows one by a key, and one that was refused', async () => {
      const { id, as } = await keyFor('editor');
      const workflow = await as.create(graph);
      const refused = await as.send('POST', `/v1/workflows/${workflow}/activate`, { json: { version: 7 } });
      expect(refused.status).toBe(404);
      const [last, created] = await list(`?actor=${id}`);
      expect(created).toMatchObject({ actor: { type: 'apiKey', id, name: 'the editor' }, role: 'editor' });
      expect(last?.outcome).toMatchObject({ status: 404, code: 'WORKFLOW_VERSION_NOT_FOUND' });
      expect(last).toMatchObject({ target: workflow, before: null, after: null });
    });

    it('never holds a secret', async () => {
      const secret = 'canary-8a7f';
      const json = { name: 'mail', type: 'http.bearer', data: { token: secret }, allowedHosts: ['example.com'] };
      const credential = idOf(await api.send('POST', '/v1/credentials', { json }));
      const data = { token: `${secret}-2` };
      await api.send('PATCH', `/v1/credentials/${credential}`, { json: { name: 'post', data } });
      await api.send('POST', '/v1/variables', { json: { name: 'limit', value: secret } });
      await api.send('PATCH', '/v1/variables/limit', { json: { value: `${secret}-3` } });
      await api.send('DELETE', `/v1/credentials/${credential}`);
      const [removed, variable, , changed] = await list();
      expect(removed).toMatchObject({ action: 'credential.delete', before: { name: 'post' }, after: null });
      expect(variable?.before).not.toEqual(variable?.after);
      const after = { name: 'post', allowedHosts: ['example.com'], dataChanged: true };
      expect(changed).toMatchObject({ target: credential, before: { name: 'mail', type: 'http.bearer' }, after });
      const { text } = await api.send('GET', '/v1/audit/proof');
      expect(text).toContain('variable.update');
      expect(text).not.toContain(secret);
    });

    it('knows members, keys, executions and logins', async () => {
      const email = `${crypto.randomUUID()}@example.com`;
      const password = 'correct horse battery';
      await call(millrace.url, 'POST', '/v1/auth/register', { json: { email, password } });
      const added = await api.send('POST', '/v1/members', { json: { email, role: 'viewer' } });
      const { userId } = added.body as { userId: string };
      await api.send('PATCH', `/v1/members/${userId}`, { json: { role: 'editor' } });
      const execution = await started();
      await api.send('POST', `/v1/executions/${execution}/cancel`);
      const { workspace } = (await api.send('GET', '/v1/me')).body as { workspace: { id: string } };
      const login = { email, password, workspaceId: workspace.id };
      const session = await call(millrace.url, 'POST', '/v1/auth/login', { json: login });
      const { refreshToken } = session.body as { refreshToken: string };
      await call(millrace.url, 'POST', '/v1/auth/login', { json: { ...login, password: 'wrong horse battery' } });
      await call(millrace.url, 'POST', '/v1/auth/logout', { json: { refreshToken } });
      const items = await list();
      expect(items.map(({ action }) => action)).toEqual([
        ...['session.closed', 'session.opened', 'execution.cancel', 'execution.start', 'workflow.create'],
        ...['member.update', 'member.add', 'account.registered'],
      ]);
      expect(items[0]).toMatchObject({ kind: 'noted', actor: { type: 'user', id: userId, name: email } });
      expect(items[2]).toMatchObject({ target: execution, before: { status: 'succeeded' } });
      expect(items[3]).toMatchObject({ target: execution, outcome: { status: 202 }, after: { workflowVersion: 1 } });
      expect(items[5]).toMatchObject({ target: userId, before: { role: 'viewer' }, after: { role: 'editor' } });
    });
  });

  describe('of reads', () => {
    it('shows which payloads an auditor saw, and nothing of what others read', async () => {
      const execution = await started();
      const { id, as } = await keyFor('auditor');
      for (const path of ['', '/events', '/state?version=1']) {
        expect((await as.send('GET', `/v1/executions/${execution}${path}`)).status).toBe(200);
        expect((await api.send('GET', `/v1/executions/${execution}${path}`)).status).toBe(200);
      }
      await as.send('GET', '/v1/executions');
      const reads = (await list('', as)).filter(({ kind }) => kind === 'read');
      expect(reads.map(({ action }) => action)).toEqual([
        ...['execution.list', 'execution.read', 'execution.read', 'execution.read'],
      ]);
      expect(reads.map(({ target }) => target)).toEqual([null, execution, execution, execution]);
      expect(reads.every(({ actor, outcome }) => actor.id === id && outcome === null)).toBe(true);
    });

    it('is for owners and auditors, of their own workspace', async () => {
      for (const role of ['editor', 'viewer']) {
        const { as } = await keyFor(role);
        for (const path of ['/v1/audit', '/v1/audit/proof'])
          expect(await as.send('GET', path)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
      }
      const other = await Api.register(millrace.url);
      expect(await list('', other)).toHaveLength(1);
    });
  });

  it('is filtered, and comes by pages, lines and tables', async () => {
    const [one, two] = [await api.create(graph), await api.create(graph)];
    await api.send('POST', '/v1/api-keys', { json: { name: '=cmd|" /C calc"!A0', role: 'viewer' } });
    const from = (await list())[0]?.index;
    expect((await list(`?target=${one}`)).map(({ target }) => target)).toEqual([one]);
    expect(await list(`?target=${two}&action=workflow.activate`)).toEqual([]);
    expect((await list('?action=apiKey.create')).map(({ index }) => index)).toEqual([from]);
    expect(await list('?to=2020-01-01T00:00:00Z')).toEqual([]);
    expect(await list('?from=2020-01-01T00:00:00Z')).toHaveLength(4);
    const first = (await api.send('GET', '/v1/audit?limit=3')).body as { items: Item[]; nextCursor: string };
    const rest = (await api.send('GET', `/v1/audit?limit=3&cursor=${first.nextCursor}`)).body as typeof first;
    expect([...first.items, ...rest.items]).toEqual(await list());
    expect(rest.nextCursor).toBeNull();
    expect(await api.send('GET', '/v1/audit?cursor=x')).toMatchObject({
      status: 400,
      body: { code: 'INVALID_CURSOR' },
    });
    const lines = await api.send('GET', '/v1/audit', { headers: { accept: 'application/x-ndjson' } });
    expect(
      lines.text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Item),
    ).toEqual(await list());
    const table = await api.send('GET', '/v1/audit?action=apiKey.create', { headers: { accept: 'text/csv' } });
    expect(table.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [head, row, end] = table.text.split('\r\n');
    expect(head).toMatch(/^index,at,kind,action,target,actorType/);
    expect(row).toMatch(/^\d+,[^,]+,change,apiKey.create,key_/);
    expect(end).toBe('');
  });

  describe('verified by the script', () => {
    const verify = async (lines: readonly string[], ...args: string[]): Promise<{ code: number; out: string }> => {
      const path = await saved(lines);
      return new Promise((done) => {
        execFile(process.execPath, [VERIFIER, path, ...args], (error, out, err) =>
          done({ code: Number(error?.code ?? 0), out: out + err }),
        );
      });
    };
    const saved = async (lines: readonly string[]): Promise<string> => {
      const { path } = await makeDataDir();
      const file = join(path, 'audit.ndjson');
      await writeFile(file, lines.map((line) => `${line}\n`).join(''));
      return file;
    };
    const exported = async (): Promise<string[]> => {
      const { status, text } = await api.send('GET', '/v1/audit/proof');
      expect(status).toBe(200);
      return text.trimEnd().split('\n');
    };

    it('an export is as it was signed; a changed, removed, inserted or moved entry and a cut tail are found', async () => {
      for (let count = 0; count < 3; count++) await api.create(graph);
      const lines = await exported();
      const line = (at: number): string => lines[at] ?? '';
      const { checkpoint } = JSON.parse(line(0)) as { checkpoint: { keyId: string } };
      const key = ['--key', checkpoint.keyId];
      expect(await verify(lines, ...key)).toMatchObject({
        code: 0,
        out: expect.stringContaining('verified: 7 entries') as string,
      });
      const changed = lines.with(4, line(4).replace('workflow.create', 'workflow.import'));
      expect((await verify(changed)).out).toContain('entry 3 is not what it was');
      expect((await verify(lines.toSpliced(4, 1))).out).toContain('entry 3 is missing');
      expect((await verify(lines.toSpliced(4, 0, line(3)))).out).toContain('in the place of entry 3');
      expect((await verify(lines.with(4, line(5)).with(5, line(4)))).out).toContain('entry 3 is missing');
      expect(await verify(lines.slice(0, -2), '--json')).toMatchObject({
        ...{ code: 1, out: expect.stringContaining('"code": "TAIL_CUT"') as string },
      });
      expect(await verify(lines, '--key', 'f'.repeat(64))).toMatchObject({ code: 1 });
      expect(await verify(['nothing of ours'])).toMatchObject({ code: 2 });
    });

    it('proofs of an entry and of a beginning hold, against an older export too', async () => {
      const older = await exported();
      await api.create(graph);
      const proof = (query: string) => api.send('GET', `/v1/audit/proof?${query}`);
      for (const index of [0, 1, 2]) {
        const { text } = await proof(`index=${index}`);
        expect(await verify([text])).toMatchObject({ code: 0 });
        expect((await verify([text.replace('"entry":{', '"entry":{"note":1,')])).code).toBe(1);
      }
      const { text } = await proof('from=1');
      expect(await verify([text], '--checkpoint', await saved(older))).toMatchObject({ code: 0 });
      expect(await verify(await exported(), '--checkpoint', await saved(older))).toMatchObject({ code: 0 });
      expect((await verify(older, '--checkpoint', await saved(await exported()))).out).toContain('(TAIL_CUT)');
      expect(await proof('index=3')).toMatchObject({ status: 404, body: { code: 'AUDIT_ENTRY_NOT_FOUND' } });
      expect(await proof('from=4')).toMatchObject({ status: 404 });
      expect(await proof('from=1&index=1')).toMatchObject({ status: 400 });
    });

    it('the history of an execution is anchored when it ends, by the digest that its events give', async () => {
      const executionId = await started();
      const { text } = await until('it is anchored', async () => {
        const reply = await api.send('GET', `/v1/audit/proof?executionId=${executionId}`);
        return reply.status === 200 ? reply : undefined;
      });
      expect(await verify([text])).toMatchObject({ code: 0 });
      const { entry } = JSON.parse(text) as { entry: { histories: object[] } };
      const events = (await api.events(executionId)).length;
      const digest = await digestInLog(millrace.nats.url, executionId);
      expect(entry.histories).toContainEqual({ executionId, events, digest });
      expect((await list()).some(({ kind }) => kind === 'anchored')).toBe(false);
      expect((await list('?action=histories.anchored')).length).toBeGreaterThan(0);
      const running = await api.send('GET', '/v1/audit/proof?executionId=ex_unknown');
      expect(running).toMatchObject({ status: 404, body: { code: 'EXECUTION_NOT_ANCHORED' } });
    });

    it('rows that somebody changed prove nothing', async () => {
      await api.create(graph);
      const client = new Client({ connectionString: millrace.databaseUrl });
      await client.connect();
      const { workspace } = (await api.send('GET', '/v1/me')).body as { workspace: { id: string } };
      await list();
      await client.query(
        `update audit_entries set entry = replace(entry::text, '127.0.0.1', '192.0.2.1')::json where workspace_id = $1`,
        [workspace.id],
      );
      await client.end();
      expect((await api.send('GET', '/v1/audit/proof?index=1')).status).toBe(500);
      expect(await verify(await exported())).toMatchObject({ code: 0 });
    });
  });
});

/** Of the history as the log has it. */
async function digestInLog(server: string, executionId: string): Promise<string> {
  await using connection = await JetStreamConnection.open({ servers: [server], name: 'audit story' });
  await using publisher = new JetStreamPublisher(connection);
  const layout = executionLog(parseConfig({}).logStreams, 1);
  const store = new JetStreamEventStore({
    connection,
    publisher,
    layout,
    codec: createCommitCodec(executionEventSchema),
  });
  let digest = EMPTY_HISTORY;
  for await (const commit of store.readHistory(executionId)) digest = digestAfter(digest, commit);
  return digest;
}
