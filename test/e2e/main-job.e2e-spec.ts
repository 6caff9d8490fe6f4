import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Api, type Execution } from '../support/api.ts';
import { bigOrders, manualGraph } from '../support/big-orders.ts';
import { MillraceProcess } from '../support/millrace-process.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

describe('one process with servers of its own', () => {
  let dataDir: string;
  let sink: Sink;
  let server: MillraceProcess;
  let api: Api;
  const env = (): Record<string, string> => ({ MILLRACE_DATA_DIR: dataDir, MILLRACE_ALLOW_PRIVATE_NETWORK: 'true' });

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'millrace-e2e-'));
    sink = await Sink.start((call, nth) => {
      if (call.path === '/flaky') return { status: nth < 3 ? 500 : 200 };
      if (call.path === '/gone') return { status: 404 };
      return { status: 200 };
    });
    server = await MillraceProcess.start(env());
    api = await Api.register(server.url);
  }, 60_000);

  afterAll(async () => {
    await server.stop();
    await sink[Symbol.asyncDispose]();
    await rm(dataDir, { recursive: true, force: true });
  });

  const run = async (definition: object, input: unknown = null) => {
    const id = await api.create(definition);
    return api.send('POST', `/v1/workflows/${id}/executions`, { json: { input }, headers: { prefer: 'wait=20' } });
  };

  it('turns a webhook into a finished, recorded execution', async () => {
    const { hook } = await api.activate(bigOrders(sink.url));
    const { status, body } = await api.hook(hook, { orderId: 'o-1', amount: 250 });
    expect(status).toBe(202);
    const { executionId } = body as { executionId: string };
    const execution = await api.ended(executionId);
    expect(execution).toMatchObject({ status: 'succeeded', error: null, output: { status: 200, body: { ok: true } } });
    expect(execution.nodes.map((node) => [node.nodeId, node.type, node.status, node.attempts])).toEqual([
      ['order', 'trigger.webhook', 'succeeded', 1],
      ['big', 'if', 'succeeded', 1],
      ['shape', 'set', 'succeeded', 1],
      ['notify', 'http.request', 'succeeded', 1],
    ]);
    expect(execution.nodes[2]?.output).toEqual({ id: 'o-1', text: 'Order o-1 is big' });
    const events = await api.events(executionId);
    expect(events.map((event) => event.version)).toEqual(events.map((_, index) => index + 1));
    expect(events.map((event) => event.type)).toEqual([
      'ExecutionStarted',
      'NodeSucceeded',
      'NodeSucceeded',
      'NodeScheduled',
      'NodeSucceeded',
      'ExecutionSucceeded',
    ]);
    expect(sink.calls.filter((call) => call.body.includes('o-1'))).toHaveLength(1);
  });

  it('skips what lies behind a branch that is not taken', async () => {
    const { hook } = await api.activate(bigOrders(sink.url));
    const { body } = await api.hook(hook, { orderId: 'o-small', amount: 50 });
    const execution = await api.ended((body as { executionId: string }).executionId);
    const statuses = Object.fromEntries(execution.nodes.map((node) => [node.nodeId, node.status]));
    expect(statuses).toEqual({ order: 'succeeded', big: 'succeeded', shape: 'skipped', notify: 'skipped' });
    expect(sink.calls.some((call) => call.body.includes('o-small'))).toBe(false);
  });

  it('tries again what may help, and not what can not', async () => {
    const retry = { maxAttempts: 5, backoff: 'fixed', initialMs: 10, maxMs: 10, jitter: false };
    const request = (path: string) => ({
      a: { type: 'http.request', config: { method: 'GET', url: `${sink.url}${path}` }, retry },
    });
    const flaky = await run(manualGraph(request('/flaky'), ['start>a']));
    expect(flaky.body).toMatchObject({ status: 'succeeded', nodes: [{}, { attempts: 3 }] });
    const types = (await api.events((flaky.body as { id: string }).id)).map((event) => event.type);
    expect(types.filter((type) => type === 'NodeRetryScheduled')).toHaveLength(2);
    const gone = await run(manualGraph(request('/gone'), ['start>a']));
    expect(gone.body).toMatchObject({ status: 'failed', error: { code: 'HTTP_STATUS', nodeId: 'a', attempt: 1 } });
  });

  it('joins branches, passes values on, and answers a caller who waits', async () => {
    const graph = manualGraph(
      {
        kind: {
          type: 'switch',
          config: { cases: [{ output: 'vip', condition: '{{ trigger.body.vip }}' }], fallback: 'other' },
        },
        vip: { type: 'set', config: { values: { discount: '{{ trigger.body.amount * 0.1 }}' } } },
        other: { type: 'set', config: { values: { discount: 0 } } },
        noop: { type: 'noop' },
        both: { type: 'merge' },
      },
      ['start>kind', 'kind:vip>vip', 'kind:other>other', 'start>noop', 'vip>both', 'other>both', 'noop>both'],
    );
    const reply = await run(graph, { vip: true, amount: 200 });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('preference-applied')).toBe('wait=20');
    expect(reply.body).toMatchObject({ status: 'succeeded', output: { vip: { discount: 20 }, noop: {} } });
  });

  it('tells which expression failed, where and why', async () => {
    const { body } = await run(
      manualGraph({ a: { type: 'set', config: { values: { x: '{{ trigger.body.amout + 1 }}' } } } }, ['start>a']),
      { amount: 1 },
    );
    expect(body).toMatchObject({
      status: 'failed',
      error: { code: 'EXPRESSION_FAILED', nodeId: 'a', details: { path: 'values.x' } },
    });
    expect(JSON.stringify((body as Execution).error)).toContain('amount');
  });

  it('keeps large values out of the events and gives them back whole', async () => {
    const text = 'x'.repeat(200_000);
    const { body } = await run(
      manualGraph(
        {
          big: { type: 'set', config: { values: { text: '{{ trigger.body.text }}' } } },
          size: { type: 'set', config: { values: { size: '{{ nodes.big.output.text.size() }}' } } },
        },
        ['start>big', 'big>size'],
      ),
      { text },
    );
    expect(body).toMatchObject({ status: 'succeeded', output: { size: 200_000 } });
    expect((body as Execution).nodes[1]?.output).toEqual({ text });
  });

  it('takes texts that Postgres does not', async () => {
    const { hook } = await api.activate(bigOrders(sink.url));
    const { body } = await api.hook(hook, { orderId: 'nul-\u0000-\ud800', amount: 1 });
    const { executionId } = body as { executionId: string };
    await until('the list shows it', async () =>
      (await api.executions()).some((one) => one.id === executionId && one.status === 'succeeded') ? true : undefined,
    );
  });

  it('reads on after a restart, and answers at the same URLs', async () => {
    const { id, hook } = await api.activate(bigOrders(sink.url));
    const { body } = await api.hook(hook, { orderId: 'before', amount: 500 });
    const { executionId } = body as { executionId: string };
    const before = await api.ended(executionId);
    expect(await server.stop()).toBe(0);
    server = await MillraceProcess.start({ ...env(), PORT: new URL(server.url).port });
    expect(await api.ended(executionId)).toEqual(before);
    expect((await api.send('GET', `/v1/workflows/${id}`)).body).toMatchObject({ active: true, version: 1 });
    const again = await api.hook(hook, { orderId: 'after', amount: 500 });
    expect(await api.ended((again.body as { executionId: string }).executionId)).toMatchObject({ status: 'succeeded' });
  }, 60_000);

  it('refuses a second instance on the same data directory, naming the first', async () => {
    await expect(MillraceProcess.start(env())).rejects.toThrow(`in use by process ${server.pid}`);
  });

  it('recovers by itself after kill -9, with all that was accepted', async () => {
    const { hook } = await api.activate(bigOrders(sink.url));
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, n) => api.hook(hook, { orderId: `killed-${n}`, amount: 500 })),
    );
    await server.kill();
    server = await MillraceProcess.start({ ...env(), PORT: new URL(server.url).port });
    for (const { status, body } of replies) {
      expect(status).toBe(202);
      expect(await api.ended((body as { executionId: string }).executionId)).toMatchObject({ status: 'succeeded' });
    }
  }, 90_000);
});
