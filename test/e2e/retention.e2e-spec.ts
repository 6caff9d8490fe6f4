import { Client } from 'pg';
import { Archiver, Eraser } from '#libs/execution-archive';
import { digestAfter, EMPTY_HISTORY } from '#libs/history-digest';
import type { JsonValue } from '#libs/kernel';
import { DATABASE } from '../../src/read-models/tokens.ts';
import type { Database } from '#libs/read-models';
import { EXECUTION_LOG, LOG_MANAGER, type ExecutionLog } from '../../src/platform/nats/tokens.ts';
import type { JetStreamManager } from '@nats-io/jetstream';
import { Api, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { allOf, eventsIn } from '../support/server-sent-events.ts';
import { until } from '../support/until.ts';

const LATER = '2100-01-01T00:00:00.000Z';

describe('executions that are over', () => {
  let millrace: LocalMillrace;
  let api: Api;

  beforeAll(async () => {
    millrace = await startMillrace();
  }, 60_000);
  beforeEach(async () => {
    api = await Api.register(millrace.url);
  });
  afterAll(() => millrace[Symbol.asyncDispose]());

  const shape = { type: 'set', config: { values: { all: '{{ trigger.body }}' } } };
  const run = async (input: JsonValue = { order: 'A-17' }): Promise<Execution> => {
    const id = await api.create(manualGraph({ shape, after: { type: 'noop' } }, ['start>shape', 'shape>after']));
    const options = { json: { input }, headers: { prefer: 'wait=20' } };
    const execution = (await api.send('POST', `/v1/workflows/${id}/executions`, options)).body as Execution;
    await until('its row shows that', async () => {
      const shown = (await api.executions()).find(({ id }) => id === execution.id);
      return shown?.status === 'succeeded' ? true : undefined;
    });
    return execution;
  };
  const messagesOf = async (id: string): Promise<number> => {
    const { layout } = millrace.app.get<ExecutionLog>(EXECUTION_LOG);
    const manager = millrace.app.get<JetStreamManager>(LOG_MANAGER);
    const { state } = await manager.streams.info(layout.streamOf(id), { subjects_filter: layout.subjectOf(id) });
    return state.subjects?.[layout.subjectOf(id)] ?? 0;
  };
  /** Messages of the object store. */
  const objects = async (): Promise<number> => {
    const { state } = await millrace.app.get<JetStreamManager>(LOG_MANAGER).streams.info('OBJ_payloads');
    return state.messages;
  };
  const archived = (id: string): Promise<void> =>
    until(`${id} is archived`, async () => {
      await millrace.app.get(Archiver).archive(LATER, 50);
      return (await messagesOf(id)) === 0 ? true : undefined;
    }).then(() => undefined);
  const digestOf = async (id: string): Promise<string> => {
    let digest = EMPTY_HISTORY;
    const { store } = millrace.app.get<ExecutionLog>(EXECUTION_LOG);
    for await (const commit of store.readHistory(id)) digest = digestAfter(digest, commit);
    return digest;
  };
  const rows = async (sql: string, ...parameters: unknown[]): Promise<unknown[]> => {
    const client = new Client({ connectionString: millrace.databaseUrl });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql, parameters)).rows;
    } finally {
      await client.end();
    }
  };
  const get = (path: string) => api.send('GET', path);
  const erase = (id: string) =>
    until('it is settled', async () => {
      const reply = await api.send('DELETE', `/v1/executions/${id}/data`);
      return reply.status === 409 && (reply.body as { code: string }).code === 'EXECUTION_NOT_SETTLED'
        ? undefined
        : reply;
    });

  it('are in a rebuilt read model as they were, from the archive and from the log', async () => {
    const [moved, erased] = [await run(), await run({ order: 'unspeakable' })];
    await archived(moved.id);
    await erase(erased.id);
    const kept = await run();
    const before = await Promise.all([kept, moved, erased].map(({ id }) => get(`/v1/executions/${id}`)));
    expect((await api.send('POST', '/v1/projections/executions/rebuild')).status).toBe(202);
    const over = await until('it is rebuilt', async () => {
      const { items } = (await get('/v1/projections')).body as { items: ProjectionItem[] };
      const executions = items.find(({ name }) => name === 'executions');
      return executions?.rebuild === null && executions.lastRebuild ? executions : undefined;
    });
    expect(over.lastRebuild).toMatchObject({ checksum: { same: true } });
    const after = await Promise.all([kept, moved, erased].map(({ id }) => get(`/v1/executions/${id}`)));
    expect(after.map(({ body }) => body)).toEqual(before.map(({ body }) => body));
    expect((await get('/v1/executions?q=unspeakable')).body).toMatchObject({ items: [] });
    const flags = await rows('select archived from executions where id = any($1)', [kept.id, moved.id, erased.id]);
    expect(flags.filter((row) => (row as { archived: boolean }).archived)).toHaveLength(2);
  });

  describe('in the archive', () => {
    it('read, stream, travel and fork as they did in the log', async () => {
      const execution = await run({ order: 'x'.repeat(100_000) });
      const path = `/v1/executions/${execution.id}`;
      const before = await Promise.all([get(path), get(`${path}/events`), get(`${path}/state?version=2`)]);
      const digest = await digestOf(execution.id);
      await archived(execution.id);
      const after = await Promise.all([get(path), get(`${path}/events`), get(`${path}/state?version=2`)]);
      expect(after.map(({ body }) => body)).toEqual(before.map(({ body }) => body));
      expect(await digestOf(execution.id)).toBe(digest);
      const streamed = await allOf(
        eventsIn(await fetch(`${millrace.url}${path}/stream`, { headers: api.authorization })),
      );
      expect(streamed.at(-1)).toMatchObject({ event: 'ExecutionSucceeded' });
      const fork = await api.send('POST', `${path}/fork`, { json: { at: 1 } });
      const { executionId } = fork.body as { executionId: string };
      expect(await api.ended(executionId)).toMatchObject({ status: 'succeeded', output: execution.output });
      expect(await api.send('POST', `${path}/retry`, { json: { from: 'shape' } })).toMatchObject({ status: 202 });
      expect(await api.send('POST', `${path}/cancel`)).toMatchObject({ status: 202, body: { status: 'succeeded' } });
    });

    it('lie in the partition of the month in which they ended', async () => {
      const execution = await run();
      await archived(execution.id);
      const month = new Date().toISOString().slice(0, 7).replace('-', '_');
      const found = await rows(`select 1 from archived_histories_${month} where execution_id = $1`, execution.id);
      expect(found).toHaveLength(1);
    });

    it('stay in the log when parts of them are missing, which is told', async () => {
      const { id } = await run();
      const { layout, store } = millrace.app.get<ExecutionLog>(EXECUTION_LOG);
      for await (const { sequence } of store.readHistory(id)) {
        await millrace.app.get<JetStreamManager>(LOG_MANAGER).streams.deleteMessage(layout.streamOf(id), sequence);
        break;
      }
      const left = await messagesOf(id);
      const isArchived = async (): Promise<boolean> =>
        (await rows('select 1 from executions where id = $1 and archived', id)).length === 1;
      await until('it was looked into', async () => {
        await millrace.app.get(Archiver).archive(LATER, 50);
        return (await isArchived()) ? true : undefined;
      });
      expect(await messagesOf(id)).toBe(left);
    });

    it('are not there while they run, or before their time', async () => {
      const wait = { type: 'wait.signal', config: { name: 'go' } };
      const workflowId = await api.create(manualGraph({ wait }, ['start>wait']));
      const { body } = await api.send('POST', `/v1/workflows/${workflowId}/executions`, { json: { input: 1 } });
      const { executionId } = body as { executionId: string };
      const over = await run();
      expect(await millrace.app.get(Archiver).archive('2020-01-01T00:00:00.000Z', 50)).toBe(0);
      expect(await messagesOf(over.id)).toBeGreaterThan(0);
      await archived(over.id);
      expect(await messagesOf(executionId)).toBeGreaterThan(0);
      expect((await api.send('POST', `/v1/executions/${executionId}/signals/go`)).status).toBe(202);
      expect(await api.ended(executionId)).toMatchObject({ status: 'succeeded' });
    });
  });

  describe('whose data is erased', () => {
    const isErased = { erased: { sha256: expect.any(String) as string, bytes: expect.any(Number) as number } };

    it('hold commitments instead, and their history verifies as before', async () => {
      const before = await objects();
      const secret = `secret-${'y'.repeat(100_000)}`;
      const execution = await run({ order: secret });
      const path = `/v1/executions/${execution.id}`;
      const digest = await digestOf(execution.id);
      const { status, body } = await erase(execution.id);
      expect([status, body]).toEqual([200, { executionId: execution.id, mayAlsoBeIn: [] }]);
      const shown = await get(path);
      expect(shown.body).toMatchObject({ status: 'succeeded', dataErased: true, input: isErased, output: isErased });
      const events = await get(`${path}/events`);
      expect(events.body).toMatchObject({
        items: [{ type: 'ExecutionStarted', data: { input: isErased } }, {}, {}, {}, {}],
      });
      expect(`${shown.text}${events.text}`).not.toContain('secret-');
      expect(await digestOf(execution.id)).toBe(digest);
      expect(await messagesOf(execution.id)).toBe(0);
      expect(await rows(`select 1 from executions where record::text like '%secret-%'`)).toEqual([]);
      expect(await objects()).toBe(before);
      // Once more changes nothing.
      expect((await erase(execution.id)).status).toBe(200);
      expect((await get(path)).body).toEqual(shown.body);
    });

    it('are not found by what was in them', async () => {
      const execution = await run({ order: 'peculiarword' });
      const found = async () =>
        ((await get('/v1/executions?q=peculiarword')).body as { items: unknown[] }).items.length;
      await until('it is found', async () => ((await found()) === 1 ? true : undefined));
      await erase(execution.id);
      expect(await found()).toBe(0);
      expect((await get('/v1/executions?nodeId=shape')).body).toMatchObject({ items: [{ id: execution.id }] });
    });

    it('also when they were archived before, and are not gone on with', async () => {
      const execution = await run();
      await archived(execution.id);
      expect((await erase(execution.id)).status).toBe(200);
      const path = `/v1/executions/${execution.id}`;
      expect((await get(path)).body).toMatchObject({ input: isErased });
      expect(await api.send('POST', `${path}/replay`, { json: {} })).toMatchObject({ body: { code: 'DATA_ERASED' } });
      const fork = await api.send('POST', `${path}/fork`, { json: { at: 1 } });
      expect(fork).toMatchObject({ status: 409, body: { code: 'DATA_ERASED' } });
      expect(await api.send('POST', `${path}/retry`, { json: { from: 'shape' } })).toMatchObject({
        body: { code: 'DATA_ERASED' },
      });
    });

    it('leave objects to forks that refer to them, and name these', async () => {
      const execution = await run({ order: 'z'.repeat(100_000) });
      const at = (await api.events(execution.id)).find(({ type }) => type === 'NodeSucceeded')?.version ?? 0;
      const { body } = await api.send('POST', `/v1/executions/${execution.id}/fork`, { json: { at } });
      const { executionId } = body as { executionId: string };
      const fork = await api.ended(executionId);
      await until('lists have it', async () => ((await api.executions()).length === 2 ? true : undefined));
      expect((await erase(execution.id)).body).toEqual({ executionId: execution.id, mayAlsoBeIn: [executionId] });
      expect((await get(`/v1/executions/${executionId}`)).body).toMatchObject({ input: fork.input });
    });

    it('is refused while they run, and to who may not', async () => {
      const wait = { type: 'wait.signal', config: { name: 'go' } };
      const workflowId = await api.create(manualGraph({ wait }, ['start>wait']));
      const { body } = await api.send('POST', `/v1/workflows/${workflowId}/executions`, { json: { input: 1 } });
      const { executionId } = body as { executionId: string };
      const path = `/v1/executions/${executionId}/data`;
      expect(await api.send('DELETE', path)).toMatchObject({ status: 409, body: { code: 'EXECUTION_NOT_OVER' } });
      const stranger = await Api.register(millrace.url);
      expect(await stranger.send('DELETE', path)).toMatchObject({ status: 404 });
    });

    it('stays erased when the process dies before all of it was done', async () => {
      const execution = await run({ order: 'q'.repeat(100_000) });
      const before = await objects();
      const { app } = millrace;
      const { codec, store } = app.get<ExecutionLog>(EXECUTION_LOG);
      const parts = { archiver: app.get(Archiver), database: app.get<Database>(DATABASE), codec, store };
      const dying = new Eraser({ ...parts, removeObject: () => Promise.reject(new Error('the process dies')) });
      await until('it is settled', () =>
        app
          .get(Archiver)
          .archive(LATER, 50)
          .then((count) => count > 0 || undefined),
      );
      await expect(dying.erase(execution.id, new Date().toISOString())).rejects.toThrow('the process dies');
      expect((await get(`/v1/executions/${execution.id}`)).body).toMatchObject({ dataErased: true });
      expect(await millrace.app.get(Eraser).finishErasures(50)).toBe(1);
      expect(await objects()).toBeLessThan(before);
      expect(await rows('select 1 from erasures')).toEqual([]);
    });
  });

  describe('whose time is over', () => {
    it('are removed with all that there is of them, by what their workspace says', async () => {
      expect((await get('/v1/retention')).body).toEqual({ days: null, effectiveDays: null });
      const [gone, kept] = [await run(), await run()];
      await archived(gone.id);
      const put = (days: JsonValue) => api.send('PUT', '/v1/retention', { json: { days } });
      expect((await put(30)).body).toEqual({ days: 30, effectiveDays: 30 });
      await rows(
        `update executions set created_at = now() - interval '40 days', finished_at = now() - interval '31 days' where id = $1`,
        gone.id,
      );
      const now = new Date().toISOString();
      expect(await millrace.app.get(Eraser).expire(now, { defaultDays: null, limit: 50 })).toBe(1);
      expect(await get(`/v1/executions/${gone.id}`)).toMatchObject({ status: 404 });
      expect(await get(`/v1/executions/${gone.id}/events`)).toMatchObject({ status: 404 });
      expect(await rows('select 1 from archived_histories where execution_id = $1', gone.id)).toEqual([]);
      expect((await get(`/v1/executions/${kept.id}`)).status).toBe(200);
      for (const days of [0, -1, 1.5, 'x']) expect((await put(days)).status).toBe(400);
      expect((await put(null)).body).toEqual({ days: null, effectiveDays: null });
    });

    it('are also those that were not archived yet, and those of workspaces that say nothing', async () => {
      const execution = await run();
      await rows(
        `update executions set created_at = now() - interval '40 days', finished_at = now() - interval '31 days' where id = $1`,
        execution.id,
      );
      const eraser = millrace.app.get(Eraser);
      const now = new Date().toISOString();
      await until('it is removed', async () =>
        (await eraser.expire(now, { defaultDays: 30, limit: 50 })) > 0 ? true : undefined,
      );
      expect(await messagesOf(execution.id)).toBe(0);
      expect(await get(`/v1/executions/${execution.id}`)).toMatchObject({ status: 404 });
    });
  });
});

interface ProjectionItem {
  readonly name: string;
  readonly rebuild: object | null;
  readonly lastRebuild: object | null;
}
