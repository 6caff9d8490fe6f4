import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { Api, type Reply } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { until } from '../support/until.ts';

const graph = (name: string): object => ({ ...manualGraph({ one: { type: 'noop' } }, ['start>one']), name });

describe('a creation that is repeated with its Idempotency-Key', () => {
  let millrace: LocalMillrace;
  let api: Api;

  beforeAll(async () => {
    millrace = await startMillrace();
    api = await Api.register(millrace.url);
  }, 60_000);
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
  });

  const create = (key: string, json: object): Promise<Reply> =>
    api.send('POST', '/v1/workflows', { json, headers: { 'idempotency-key': key } });
  const start = (workflowId: string, key: string, prefer?: string): Promise<Reply> =>
    api.send('POST', `/v1/workflows/${workflowId}/executions`, {
      json: { input: 1 },
      headers: { 'idempotency-key': key, ...(prefer !== undefined && { prefer }) },
    });
  const itemsOf = async (path: string): Promise<unknown[]> =>
    ((await api.send('GET', path)).body as { items: unknown[] }).items;

  /** The table as a process leaves it that dies between its append to the log and its answer, when its lease is over. */
  async function forgetAnswers(): Promise<void> {
    const client = new Client({ connectionString: millrace.databaseUrl });
    await client.connect();
    await client.query(
      "update idempotency_keys set key_id = null, answer = null, leased_until = now() - interval '1 second'",
    );
    await client.end();
  }

  it('makes one workflow, and answers it with its headers', async () => {
    const key = randomUUID();
    const first = await create(key, graph(key));
    const again = await create(key, graph(key));
    expect(first.status).toBe(201);
    expect(again).toMatchObject({ status: 201, text: first.text });
    for (const header of ['etag', 'location']) expect(again.headers.get(header)).toBe(first.headers.get(header));
    expect(await create(key, graph('other'))).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    expect(await itemsOf(`/v1/workflows?q=${key}`)).toHaveLength(1);
  });

  it('makes one workflow also when the process died before it could answer', async () => {
    const key = randomUUID();
    const first = await create(key, graph(key));
    await forgetAnswers();
    expect(await create(key, graph(key))).toMatchObject({ status: 201, text: first.text });
    expect(await itemsOf(`/v1/workflows?q=${key}`)).toHaveLength(1);
  });

  it('makes one credential also when the process died before it could answer', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const json = { name: 'Once', type: 'http.bearer', data: { token: 'abc' } };
    const first = await api.send('POST', '/v1/credentials', { json, headers });
    await forgetAnswers();
    expect(await api.send('POST', '/v1/credentials', { json, headers })).toMatchObject({
      status: 201,
      text: first.text,
    });
    expect(await itemsOf('/v1/credentials')).toHaveLength(1);
  });

  it('makes one API key, whose secret is another when nobody can have heard of the first', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const json = { name: 'Once', role: 'viewer' };
    const keyOf = ({ body }: Reply) => body as { readonly id: string; readonly key: string };
    const first = keyOf(await api.send('POST', '/v1/api-keys', { json, headers }));
    await forgetAnswers();
    const again = keyOf(await api.send('POST', '/v1/api-keys', { json, headers }));
    expect(again.id).toBe(first.id);
    expect(await itemsOf('/v1/api-keys')).toHaveLength(1);
    expect((await Api.withToken(millrace.url, again.key).send('GET', '/v1/me')).status).toBe(200);
    expect((await Api.withToken(millrace.url, first.key).send('GET', '/v1/me')).status).toBe(401);
  });

  it.each([undefined, 'wait=20'])(
    'starts one execution, whatever happened to the answer (Prefer: %s)',
    async (prefer) => {
      const workflowId = await api.create(graph('counted'));
      const key = randomUUID();
      const first = await start(workflowId, key, prefer);
      expect(first.status).toBe(prefer === undefined ? 202 : 200);
      const location = first.headers.get('location') ?? '';
      const executionId = location.split('/').at(-1) ?? '';
      await api.ended(executionId);
      expect(await start(workflowId, key, prefer)).toMatchObject({ status: first.status, text: first.text });
      await forgetAnswers();
      const again = await start(workflowId, key, prefer);
      expect(again).toMatchObject({ status: first.status, body: first.body });
      expect(again.headers.get('location')).toBe(location);
      expect(again.headers.get('preference-applied')).toBe(prefer ?? null);
      const listed = await until('the execution is listed', async () => {
        const items = await itemsOf(`/v1/executions?workflowId=${workflowId}`);
        return items.length > 0 ? items : undefined;
      });
      expect(listed).toHaveLength(1);
      const events = await api.events(executionId);
      expect(events.filter(({ type }) => type === 'ExecutionStarted')).toHaveLength(1);
    },
  );
});
