import { Api, call, type Execution, type Reply } from '../support/api.ts';
import { bigOrders, manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { Sink } from '../support/sink.ts';

interface Workflow {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly nodes: readonly { readonly id: string }[];
}

describe('workflows', () => {
  let millrace: LocalMillrace;
  let sink: Sink;
  let api: Api;
  let stranger: Api;
  const released = Promise.withResolvers<void>();

  beforeAll(async () => {
    const answer = async ({ path }: { path: string }) => {
      if (path === '/held') await released.promise;
      return { status: 200 };
    };
    [millrace, sink] = await Promise.all([startMillrace(), Sink.start(answer)]);
    [api, stranger] = await Promise.all([Api.register(millrace.url), Api.register(millrace.url)]);
  }, 60_000);

  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  const noop = manualGraph({ a: { type: 'noop' } }, ['start>a']);
  const two = manualGraph({ a: { type: 'noop' }, b: { type: 'set', config: { values: { n: 1 } } } }, [
    'start>b',
    'b>a',
  ]);
  const get = (path: string, headers: Record<string, string> = {}): Promise<Reply> =>
    api.send('GET', path, { headers });
  const put = (id: string, version: number, json: object): Promise<Reply> =>
    api.send('PUT', `/v1/workflows/${id}`, { json, headers: { 'if-match': `"${version}"` } });
  const refusal = (status: number, code: string) => ({ status, body: { status, code } });

  describe('versions', () => {
    it('are listed newest first, with who published them and which is active', async () => {
      const id = await api.create(noop);
      await put(id, 1, two);
      await api.send('POST', `/v1/workflows/${id}/activate`, { json: { version: 1 } });
      const me = (await get('/v1/me')).body as { user: { id: string } };
      const createdBy = { type: 'user', id: me.user.id };
      const hash = expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string;
      const at = expect.stringMatching(/Z$/) as string;
      const common = { name: 'Test graph', contentHash: hash, createdAt: at, createdBy };
      const { status, body } = await get(`/v1/workflows/${id}/versions`);
      expect(status).toBe(200);
      expect(body).toEqual({
        items: [
          { ...common, version: 2, active: false },
          { ...common, version: 1, active: true },
        ],
        nextCursor: null,
      });
    });

    it('come by pages, which nothing published later moves', async () => {
      const id = await api.create(noop);
      for (const version of [1, 2, 3]) await put(id, version, { ...noop, name: `v${version + 1}` });
      const path = `/v1/workflows/${id}/versions?limit=2`;
      const first = (await get(path)).body as { items: { version: number }[]; nextCursor: string };
      await put(id, 4, two);
      const second = (await get(`${path}&cursor=${first.nextCursor}`)).body as typeof first;
      expect([...first.items, ...second.items].map(({ version }) => version)).toEqual([4, 3, 2, 1]);
      expect(second.nextCursor).toBeNull();
    });

    it.each(['x', '0', '-1', '1.5', '99999999999', 'WyIyMDI2Il0'])('know no cursor %s', async (cursor) => {
      const id = await api.create(noop);
      expect(await get(`/v1/workflows/${id}/versions?cursor=${cursor}`)).toMatchObject(refusal(400, 'INVALID_CURSOR'));
    });

    it('are read whole, and stay as they were', async () => {
      const created = (await api.send('POST', '/v1/workflows', { json: noop })).body as Workflow;
      const path = `/v1/workflows/${created.id}/versions/1`;
      const before = await get(path);
      expect(before).toMatchObject({ status: 200, body: { version: 1, nodes: created.nodes, name: created.name } });
      await put(created.id, 1, two);
      await api.send('POST', `/v1/workflows/${created.id}/activate`);
      const after = await get(path);
      expect(after.body).toEqual(before.body);
      const tag = before.headers.get('etag') ?? '';
      expect(tag).toBe(`"${(before.body as { contentHash: string }).contentHash}"`);
      const again = await get(path, { 'if-none-match': tag });
      expect(again).toMatchObject({ status: 304, text: '' });
      expect(again.headers.get('etag')).toBe(tag);
      expect((await get(path, { 'if-none-match': '"other"' })).status).toBe(200);
    });

    it.each([
      ['2', 404, 'WORKFLOW_VERSION_NOT_FOUND'],
      ['2147483647', 404, 'WORKFLOW_VERSION_NOT_FOUND'],
      ['2147483648', 400, 'INVALID_REQUEST'],
      ['0', 400, 'INVALID_REQUEST'],
      ['latest', 400, 'INVALID_REQUEST'],
    ])('%s is not there', async (version, status, code) => {
      const id = await api.create(noop);
      const replies = await Promise.all([
        get(`/v1/workflows/${id}/versions/${version}`),
        get(`/v1/workflows/${id}/versions/1/diff/${version}`),
        get(`/v1/workflows/${id}/versions/${version}/diff/1`),
      ]);
      for (const reply of replies) expect(reply).toMatchObject(refusal(status, code));
    });

    it('are compared', async () => {
      const id = await api.create(noop);
      await put(id, 1, { ...two, name: 'Other', settings: { priority: 'high' } });
      const b = { id: 'b', type: 'set', config: { values: { n: 1 } } };
      const connection = (from: string, to: string) => ({ from, to, output: 'main' });
      expect(await get(`/v1/workflows/${id}/versions/1/diff/2`)).toMatchObject({
        status: 200,
        body: {
          from: 1,
          to: 2,
          name: { before: 'Test graph', after: 'Other' },
          nodes: { added: [b], removed: [], changed: [] },
          connections: {
            added: [connection('start', 'b'), connection('b', 'a')],
            removed: [connection('start', 'a')],
          },
          settings: [{ path: 'priority', before: 'normal', after: 'high' }],
          reordered: [],
        },
      });
      expect((await get(`/v1/workflows/${id}/versions/2/diff/2`)).body).toEqual({
        from: 2,
        to: 2,
        nodes: { added: [], removed: [], changed: [] },
        connections: { added: [], removed: [] },
        settings: [],
        reordered: [],
      });
    });

    it('are not made by a definition that changes nothing', async () => {
      const id = await api.create(noop);
      const [first] = [await get(`/v1/workflows/${id}`)];
      const same = { settings: { priority: 'normal' }, ...noop };
      const reply = await put(id, 1, same);
      expect(reply).toMatchObject({ status: 200, body: first.body as object });
      expect(reply.headers.get('etag')).toBe('"1"');
      expect((await get(`/v1/workflows/${id}/versions`)).body).toMatchObject({ items: [{ version: 1 }] });
      expect(await put(id, 1, two)).toMatchObject({ status: 200, body: { version: 2 } });
      expect(await put(id, 2, noop)).toMatchObject({ status: 200, body: { version: 3 } });
      const { items } = (await get(`/v1/workflows/${id}/versions`)).body as { items: { contentHash: string }[] };
      expect(items[0]?.contentHash).toBe(items[2]?.contentHash);
    });
  });

  describe('entity tags', () => {
    it('change whenever the workflow reads otherwise', async () => {
      const id = await api.create(noop);
      const path = `/v1/workflows/${id}`;
      const seen = new Set<string>();
      const expectNew = async (): Promise<void> => {
        const reply = await get(path);
        const tag = reply.headers.get('etag') ?? '';
        expect(seen).not.toContain(tag);
        seen.add(tag);
        expect(await get(path, { 'if-none-match': tag })).toMatchObject({ status: 304, text: '' });
      };
      await expectNew();
      const activated = await api.send('POST', `${path}/activate`);
      await expectNew();
      expect(seen).toContain(activated.headers.get('etag'));
      await api.send('POST', `${path}/deactivate`);
      await expectNew();
      // The version is what If-Match is about: activation meanwhile does not refuse a change of the definition.
      expect((await put(id, 1, two)).status).toBe(200);
      await expectNew();
      expect([...seen]).toEqual(['"1"', '"1-1"', '"1-2"', '"2"']);
    });

    it('as they were given out change the workflow', async () => {
      const id = await api.create(noop);
      const { headers } = await api.send('POST', `/v1/workflows/${id}/activate`);
      const change = { json: two, headers: { 'if-match': headers.get('etag') ?? '' } };
      expect(await api.send('PUT', `/v1/workflows/${id}`, change)).toMatchObject({ status: 200, body: { version: 2 } });
    });
  });

  describe('validation', () => {
    const lost = manualGraph({ a: { type: 'noop' }, lost: { type: 'noop' } }, ['start>a']);
    const warnings = [{ path: 'nodes[2]', message: expect.stringContaining('never runs') as string }];

    it('warns where it does not refuse, and the warnings stay with the version', async () => {
      const created = await api.send('POST', '/v1/workflows', { json: lost });
      expect(created).toMatchObject({ status: 201, body: { warnings } });
      const { id } = created.body as Workflow;
      expect((await get(`/v1/workflows/${id}`)).body).toEqual(created.body);
      expect(await put(id, 1, noop)).toMatchObject({ body: { warnings: [] } });
      expect(await get(`/v1/workflows/${id}/versions/1`)).toMatchObject({ body: { warnings } });
      expect(await get(`/v1/workflows/${id}/versions/2`)).toMatchObject({ body: { warnings: [] } });
    });

    it('can be asked for without storing anything', async () => {
      const before = (await get('/v1/workflows?limit=1')).body;
      const validate = async (json: unknown): Promise<unknown> => {
        const { status, body } = await api.send('POST', '/v1/workflows/validate', { json });
        expect(status).toBe(200);
        return body;
      };
      expect(await validate(noop)).toEqual({ valid: true, problems: [], warnings: [] });
      expect(await validate(lost)).toEqual({ valid: true, problems: [], warnings });
      expect(await validate({ ...noop, nodes: [] })).toMatchObject({
        valid: false,
        problems: expect.arrayContaining([expect.objectContaining({ path: 'nodes' })]) as unknown,
        warnings: [],
      });
      expect(await validate(7)).toMatchObject({ valid: false });
      expect((await get('/v1/workflows?limit=1')).body).toEqual(before);
    });
  });

  describe('at and just over the limits', () => {
    const nodesOf = (count: number): object[] => [
      { id: 'start', type: 'trigger.manual', config: {} },
      ...Array.from({ length: count - 1 }, (_, n) => ({ id: `n${n}`, type: 'noop', config: {} })),
    ];
    const graph = (nodes: number, connections: number): object => {
      const list: object[] = [];
      for (let from = 0; list.length < connections; from++) {
        for (let to = from + 1; to <= from + 5 && list.length < connections; to++)
          list.push({ from: `n${from}`, to: `n${to}` });
      }
      return { name: 'Many', nodes: nodesOf(nodes), connections: list };
    };
    /** Of exactly so many bytes of JSON. */
    const sized = (bytes: number): object => {
      const of = (text: string): object => ({
        name: 'Large',
        nodes: [...nodesOf(1), { id: 'a', type: 'set', config: { values: { text } } }],
        connections: [{ from: 'start', to: 'a' }],
      });
      return of('x'.repeat(bytes - JSON.stringify(of('')).length));
    };

    it.each<[string, () => object]>([
      ['2,000 nodes', () => graph(2_000, 0)],
      ['5,000 connections', () => graph(1_100, 5_000)],
      ['1 MiB', () => sized(1_048_576)],
    ])('%s are taken, and come back whole', async (_, definition) => {
      const created = await api.send('POST', '/v1/workflows', { json: definition() });
      expect(created).toMatchObject({ status: 201 });
      const { id } = created.body as Workflow;
      expect((await get(`/v1/workflows/${id}`)).body).toEqual(created.body);
      expect((await api.send('DELETE', `/v1/workflows/${id}`)).status).toBe(204);
    });

    it.each<[string, () => object, string, RegExp]>([
      ['2,001 nodes', () => graph(2_001, 0), 'nodes', /has 2001 entries, and at most 2000/],
      ['5,001 connections', () => graph(1_100, 5_001), 'connections', /has 5001 entries, and at most 5000/],
      ['1 MiB and a byte', () => sized(1_048_577), '', /larger than 1048576 bytes/],
    ])('%s are refused by every route that takes a definition', async (_, definition, path, message) => {
      const json = definition();
      const id = await api.create(noop);
      for (const reply of [
        await api.send('POST', '/v1/workflows', { json }),
        await put(id, 1, json),
        await api.send('POST', '/v1/workflows/import', { json }),
      ]) {
        expect(reply).toMatchObject(refusal(422, 'INVALID_WORKFLOW'));
        const { errors } = reply.body as { errors: { path: string; message: string }[] };
        expect(errors).toEqual([{ path, message: expect.stringMatching(message) as string }]);
      }
    });

    it('more than 2 MiB are not read at all', async () => {
      const reply = await api.send('POST', '/v1/workflows', { text: JSON.stringify(sized(2 * 1_048_576 + 1)) });
      expect(reply).toMatchObject(refusal(413, 'BODY_TOO_LARGE'));
    });
  });

  describe('archiving', () => {
    it('takes the workflow away, and leaves its executions', async () => {
      const { id, hook } = await api.activate(bigOrders(sink.url));
      const { body } = await api.hook(hook, { orderId: 'kept', amount: 500 });
      const { executionId } = body as { executionId: string };
      await api.ended(executionId);
      const path = `/v1/workflows/${id}`;
      expect(await api.send('DELETE', path)).toMatchObject({ status: 204, text: '' });
      const replies = await Promise.all([
        api.send('DELETE', path),
        get(path),
        put(id, 1, noop),
        get(`${path}/versions`),
        get(`${path}/versions/1`),
        get(`${path}/versions/1/diff/1`),
        get(`${path}/export`),
        get(`${path}/webhooks`),
        api.send('POST', `${path}/activate`),
        api.send('POST', `${path}/deactivate`),
        api.send('POST', `${path}/executions`, { json: {} }),
      ]);
      for (const reply of replies) expect(reply).toMatchObject(refusal(404, 'WORKFLOW_NOT_FOUND'));
      expect((await get('/v1/workflows?limit=200')).body).not.toMatchObject({
        items: expect.arrayContaining([expect.objectContaining({ id })]) as unknown,
      });
      expect(await call(millrace.url, 'POST', hook, { json: {} })).toMatchObject({ status: 404 });
      expect(await get(`/v1/executions/${executionId}`)).toMatchObject({ status: 200, body: { status: 'succeeded' } });
      expect(await api.events(executionId)).not.toHaveLength(0);
      expect((await get(`/v1/executions?workflowId=${id}`)).body).toMatchObject({ items: [{ id: executionId }] });
    });

    it('lets a running execution go on to its end', async () => {
      const config = { method: 'GET', url: `${sink.url}/held` };
      const id = await api.create(
        manualGraph({ held: { type: 'http.request', config }, after: { type: 'noop' } }, ['start>held', 'held>after']),
      );
      const { body } = await api.send('POST', `/v1/workflows/${id}/executions`);
      const { executionId } = body as { executionId: string };
      expect((await api.send('DELETE', `/v1/workflows/${id}`)).status).toBe(204);
      expect(((await get(`/v1/executions/${executionId}`)).body as Execution).status).not.toBe('succeeded');
      released.resolve();
      const { status, nodes } = await api.ended(executionId);
      expect(status).toBe('succeeded');
      expect(nodes.map(({ nodeId }) => nodeId)).toEqual(['start', 'held', 'after']);
    });
  });

  describe('export and import', () => {
    const malformed = (path: string) => ({ status: 400, code: 'INVALID_REQUEST', errors: [{ path }] });

    it('carry a workflow into another workspace, its definition the same', async () => {
      const created = (await api.send('POST', '/v1/workflows', { json: bigOrders(sink.url) })).body as Workflow;
      const exported = await get(`/v1/workflows/${created.id}/export`);
      expect(exported).toMatchObject({ status: 200, body: { format: 'millrace.workflow/1' } });
      expect(exported.text).not.toContain(created.id);
      const imported = await stranger.send('POST', '/v1/workflows/import', { json: exported.body });
      expect(imported).toMatchObject({ status: 201, body: { version: 1, active: false } });
      const { id } = imported.body as Workflow;
      expect(id).not.toBe(created.id);
      expect(imported.headers.get('location')).toBe(`/v1/workflows/${id}`);
      expect((await stranger.send('GET', `/v1/workflows/${id}/export`)).body).toEqual(exported.body);
      const hashOf = async (who: Api, workflowId: string): Promise<unknown> =>
        ((await who.send('GET', `/v1/workflows/${workflowId}/versions/1`)).body as { contentHash: string }).contentHash;
      expect(await hashOf(stranger, id)).toBe(await hashOf(api, created.id));
    });

    it('take a bare definition too', async () => {
      const imported = await api.send('POST', '/v1/workflows/import', { json: noop });
      expect(imported).toMatchObject({ status: 201, body: { name: 'Test graph' } });
    });

    it.each<[string, object, object]>([
      ['another format', { format: 'other', workflow: noop }, malformed('format')],
      ['no workflow', { format: 'millrace.workflow/1' }, malformed('workflow')],
      [
        'a workflow with problems',
        { format: 'millrace.workflow/1', workflow: manualGraph({ a: { type: 'noop' } }, ['start>b']) },
        { status: 422, code: 'INVALID_WORKFLOW', errors: [{ path: 'workflow.connections[0].to' }] },
      ],
    ])('refuse %s', async (_, json, body) => {
      const { status, ...reply } = await api.send('POST', '/v1/workflows/import', { json });
      expect(reply.body).toMatchObject({ status, ...body });
    });
  });

  it('of another workspace are not there, on any route', async () => {
    const id = await api.create(noop);
    const path = `/v1/workflows/${id}`;
    const replies = await Promise.all([
      stranger.send('DELETE', path),
      stranger.send('GET', `${path}/versions`),
      stranger.send('GET', `${path}/versions/1`),
      stranger.send('GET', `${path}/versions/1/diff/1`),
      stranger.send('GET', `${path}/export`),
    ]);
    for (const reply of replies) expect(reply).toMatchObject(refusal(404, 'WORKFLOW_NOT_FOUND'));
    expect((await get(path)).status).toBe(200);
  });

  it.each([
    ['2026-11-23T10:00:00.000Z', 'wf_\u0000'],
    ['0000-01-01T00:00:00.000Z', 'wf_1'],
  ])('are not listed after a place that nobody gave out: %j', async (...place) => {
    const cursor = Buffer.from(JSON.stringify(place)).toString('base64url');
    expect(await get(`/v1/workflows?cursor=${cursor}`)).toMatchObject(refusal(400, 'INVALID_CURSOR'));
  });

  it('are searched by any text', async () => {
    expect(await get('/v1/workflows?q=%00')).toMatchObject({ status: 200, body: { items: [] } });
  });
});
