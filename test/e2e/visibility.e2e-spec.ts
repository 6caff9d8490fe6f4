import { Api, call, type Execution } from '../support/api.ts';
import { bigOrders, manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { Sink, type SinkAnswer } from '../support/sink.ts';
import { until } from '../support/until.ts';

/** Often enough that an answer that is only usually in time shows. */
const TIMES = Array.from({ length: 10 }, (_, n) => n);

describe('a write is visible to what follows it', () => {
  let millrace: LocalMillrace;
  let sink: Sink;
  let api: Api;
  const released = Promise.withResolvers<void>();

  beforeAll(async () => {
    const answer: SinkAnswer = async ({ path }) => {
      if (path === '/held') await released.promise;
      return { status: 200 };
    };
    [millrace, sink] = await Promise.all([startMillrace(), Sink.start(answer)]);
    api = await Api.register(millrace.url);
  }, 60_000);

  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  it('a workflow that was created can be read and stands in the list', async () => {
    for (const n of TIMES) {
      const created = await api.send('POST', '/v1/workflows', {
        json: { ...bigOrders(sink.url), name: `Number ${n}` },
      });
      expect(created).toMatchObject({ status: 201, body: { name: `Number ${n}`, version: 1, active: false } });
      const { id } = created.body as { id: string };
      expect(created.headers.get('location')).toBe(`/v1/workflows/${id}`);
      expect(created.headers.get('etag')).toBe('"1"');
      expect(await api.send('GET', `/v1/workflows/${id}`)).toMatchObject({ status: 200, body: created.body });
      expect((await api.send('GET', '/v1/workflows?limit=1')).body).toMatchObject({ items: [{ id }] });
    }
  });

  it('a webhook answers once its activation was answered, and no more once its deactivation was', async () => {
    const id = await api.create(bigOrders(sink.url));
    const hook = await api.hookOf(id);
    expect((await call(millrace.url, 'POST', hook, { json: {} })).status).toBe(404);
    for (const n of TIMES) {
      const activated = await api.send('POST', `/v1/workflows/${id}/activate`);
      expect(activated).toMatchObject({ status: 200, body: { active: true } });
      expect((await api.hook(hook, { orderId: `o-${n}`, amount: 1 })).status).toBe(202);
      const deactivated = await api.send('POST', `/v1/workflows/${id}/deactivate`);
      expect(deactivated).toMatchObject({ status: 200, body: { active: false } });
      expect(await call(millrace.url, 'POST', hook, { json: {} })).toMatchObject({ status: 404 });
    }
  });

  it('an execution can be read as soon as its id was given out, with its history', async () => {
    const { hook } = await api.activate(bigOrders(sink.url));
    for (const n of TIMES) {
      const { body } = await api.hook(hook, { orderId: `now-${n}`, amount: 500 });
      const { executionId } = body as { executionId: string };
      const [execution, events] = await Promise.all([
        api.send('GET', `/v1/executions/${executionId}`),
        api.events(executionId),
      ]);
      expect(execution).toMatchObject({ status: 200, body: { id: executionId } });
      expect((execution.body as Execution).input.body).toEqual({ orderId: `now-${n}`, amount: 500 });
      expect(events[0]).toMatchObject({ version: 1, type: 'ExecutionStarted' });
    }
  });

  it('a new version is what is read; the active one answers until another is activated, and keeps its URL', async () => {
    const { id, hook } = await api.activate(bigOrders(sink.url));
    const json = bigOrders(`${sink.url}/second`);
    const changed = await api.send('PUT', `/v1/workflows/${id}`, { json, headers: { 'if-match': '"1"' } });
    expect(changed).toMatchObject({ status: 200, body: { version: 2, active: true, activeVersion: 1 } });
    expect((await api.send('GET', `/v1/workflows/${id}`)).headers.get('etag')).toBe('"2"');
    const runOnce = async (orderId: string): Promise<string | undefined> => {
      const { body } = await api.hook(hook, { orderId, amount: 500 });
      await api.ended((body as { executionId: string }).executionId);
      return sink.calls.find((one) => one.body.includes(`"${orderId}"`))?.path;
    };
    expect(await runOnce('version-1')).toBe('/big');
    await api.send('POST', `/v1/workflows/${id}/activate`);
    expect(await runOnce('version-2')).toBe('/second/big');
    // A rollback is the activation of an older version.
    await api.send('POST', `/v1/workflows/${id}/activate`, { json: { version: 1 } });
    expect(await runOnce('back-to-1')).toBe('/big');
    expect(await api.hookOf(id)).toBe(hook);
  });

  it('a webhook answers at once after the activation of an older version, also of one that the latest is not like', async () => {
    for (const n of TIMES) {
      const id = await api.create(bigOrders(sink.url));
      const hook = await api.hookOf(id);
      const json = manualGraph({ order: { type: 'noop' } }, ['start>order']);
      await api.send('PUT', `/v1/workflows/${id}`, { json, headers: { 'if-match': '"1"' } });
      const older = await api.send('POST', `/v1/workflows/${id}/activate`, { json: { version: 1 } });
      expect(older).toMatchObject({ status: 200, body: { activeVersion: 1, version: 2 } });
      expect((await api.hook(hook, { orderId: `older-${n}`, amount: 1 })).status).toBe(202);
      expect(await api.hookOf(id)).toBe(hook);
      // The node has the webhook's id, and is none: its URL leads nowhere.
      const latest = await api.send('POST', `/v1/workflows/${id}/activate`);
      expect(latest).toMatchObject({ status: 200, body: { activeVersion: 2 } });
      expect((await call(millrace.url, 'POST', hook, { json: {} })).status).toBe(404);
    }
  });

  it('an execution keeps the version that it started with, to its end', async () => {
    const graph = (path: string): object =>
      manualGraph(
        {
          a: { type: 'http.request', config: { method: 'GET', url: `${sink.url}${path}` } },
          b: { type: 'set', config: { values: { path } } },
        },
        ['start>a', 'a>b'],
      );
    const id = await api.create(graph('/held'));
    const started = await api.send('POST', `/v1/workflows/${id}/executions`);
    const { executionId } = started.body as { executionId: string };
    await until('it runs', async () => sink.calls.find((one) => one.path === '/held'));
    await api.send('PUT', `/v1/workflows/${id}`, { json: graph('/other'), headers: { 'if-match': '"1"' } });
    released.resolve();
    const old = { status: 'succeeded', workflowVersion: 1, output: { path: '/held' } };
    expect(await api.ended(executionId)).toMatchObject(old);
    const run = (json: object) =>
      api.send('POST', `/v1/workflows/${id}/executions`, { json, headers: { prefer: 'wait=20' } });
    expect((await run({})).body).toMatchObject({ workflowVersion: 2, output: { path: '/other' } });
    expect((await run({ version: 1 })).body).toMatchObject(old);
  });
});
