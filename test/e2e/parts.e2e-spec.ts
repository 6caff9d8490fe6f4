import { Api, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

const ONCE = { maxAttempts: 1 };

describe('executions made of parts', () => {
  let millrace: LocalMillrace;
  let sink: Sink;
  let api: Api;

  beforeAll(async () => {
    const answer = ({ path }: { path: string }, nth: number) => {
      const item = Number(/\/item\/(\d+)/.exec(path)?.[1] ?? 0);
      if (item % 3 === 2 && nth === 1) return { status: 503 };
      if (item === 7) return { status: 404 };
      return { status: 200, body: JSON.stringify({ item }) };
    };
    [millrace, sink] = await Promise.all([startMillrace(), Sink.start(answer)]);
    api = await Api.register(millrace.url);
  }, 60_000);

  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  const startOf = async (id: string, json: object = {}): Promise<string> => {
    const { body } = await api.send('POST', `/v1/workflows/${id}/executions`, { json });
    return (body as { executionId: string }).executionId;
  };
  const run = async (definition: object, json: object = {}): Promise<Execution> =>
    api.ended(await startOf(await api.create(definition), json), 30_000);
  const node = (type: string, config: object, more: object = {}): object => ({ type, config, ...more });
  const setOf = (values: object) => manualGraph({ out: node('set', { values }) }, ['start>out']);

  describe('a loop', () => {
    const over = (items: unknown, config: object): object =>
      manualGraph({ each: node('forEach', { items, ...config }) }, ['start>each']);
    const call = {
      node: {
        type: 'http.request',
        config: { method: 'GET', url: '' },
        retry: { maxAttempts: 3, backoff: 'fixed', initialMs: 50, maxMs: 50 },
      },
    };
    const calling = () => ({
      node: { ...call.node, config: { method: 'GET', url: `${sink.url}/item/{{ item }}` } },
    });

    it('gives outputs in the order of the items, tries items again, and goes on without those that fail', async () => {
      const items = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
      const config = { concurrency: 3, batchSize: 2, onItemError: 'continue', ...calling() };
      const { status, output, nodes } = await run(over(items, config));
      const { results, errors } = output as { results: readonly { body?: { item: number } }[]; errors: object[] };
      expect(status).toBe('succeeded');
      expect(results.map((result) => result?.body?.item ?? null)).toEqual([0, 1, 2, 3, 4, 5, 6, null, 8, 9]);
      expect(errors).toMatchObject([{ index: 7, code: 'HTTP_STATUS' }]);
      expect(nodes[1]).toMatchObject({ status: 'succeeded' });
      expect(sink.calls.filter(({ path }) => path === '/item/2')).toHaveLength(2);
    });

    it('fails with the first item that does', async () => {
      const { status, error } = await run(over([1, 7], calling()));
      expect(status).toBe('failed');
      expect(error).toMatchObject({ code: 'ITEM_FAILED', nodeId: 'each', details: { index: 1, code: 'HTTP_STATUS' } });
    });

    it('over ten thousand items grows its history by one event a batch', async () => {
      const items = '{{ trigger.body }}';
      const body = Array.from({ length: 10_000 }, (_, index) => index);
      const execution = await run(over(items, { concurrency: 4, node: { type: 'noop' } }), { input: body });
      expect(execution.status).toBe('succeeded');
      expect((execution.output as { results: unknown[] }).results).toHaveLength(10_000);
      const events = await api.events(execution.id);
      expect(events).toHaveLength(100 + 4);
    });

    it('computes pure nodes, and runs code, with the item in scope', async () => {
      const values = { n: '{{ item * 2 }}', at: '{{ index }}' };
      const pure = await run(over([1, 2], { node: { type: 'set', config: { values } } }));
      expect(pure.output).toMatchObject({
        results: [
          { n: 2, at: 0 },
          { n: 4, at: 1 },
        ],
        errors: [],
      });
      const code = await run(over([1, 2], { node: { type: 'code', config: { code: 'return item + index' } } }));
      expect(code.output).toMatchObject({ results: [{ result: 1 }, { result: 3 }] });
    });

    it('of nothing ends at once, and is refused when nobody knows what to do', async () => {
      expect((await run(over([], { node: { type: 'noop' } }))).output).toEqual({ results: [], errors: [] });
      const refused = (config: object) => api.send('POST', '/v1/workflows', { json: over([], config) });
      expect(await refused({})).toMatchObject({ status: 422 });
      expect(await refused({ node: { type: 'wait.delay', config: { delayMs: 1 } } })).toMatchObject({
        status: 422,
        body: { errors: [{ path: 'nodes[1].config.node.type' }] },
      });
    });

    it('makes an execution of each item', async () => {
      const child = await api.create(setOf({ got: '{{ trigger.body }}' }));
      const { output } = await run(over(['a', 'b', 'c'], { concurrency: 2, workflowId: child }));
      expect(output).toMatchObject({ results: [{ got: 'a' }, { got: 'b' }, { got: 'c' }], errors: [] });
    });
  });

  describe('a subworkflow', () => {
    const calling = (workflowId: string, config: object = {}, more: object = {}): object =>
      manualGraph({ call: node('subworkflow', { workflowId, input: '{{ trigger.body }}', ...config }, more) }, [
        'start>call',
      ]);

    it('is waited for, and linked both ways', async () => {
      const child = await api.create(setOf({ got: '{{ trigger.body }}' }));
      const parent = await run(calling(child), { input: { a: 1 } });
      expect(parent).toMatchObject({ status: 'succeeded', output: { got: { a: 1 } }, parentExecutionId: null });
      const items = await until('the child is listed as over', async () => {
        const { body } = await api.send('GET', `/v1/executions?workflowId=${child}&status=succeeded`);
        const found = (body as { items: Execution[] }).items;
        return found.length > 0 ? found : undefined;
      });
      expect(items).toMatchObject([
        { parentExecutionId: parent.id, status: 'succeeded', trigger: { type: 'subworkflow' } },
      ]);
    });

    it('is only started, with wait false', async () => {
      const child = await api.create(manualGraph({ pause: node('wait.delay', { delayMs: 60_000 }) }, ['start>pause']));
      const { status, output } = await run(calling(child, { wait: false }));
      const { executionId } = output as { executionId: string };
      expect(status).toBe('succeeded');
      expect((await api.send('POST', `/v1/executions/${executionId}/cancel`)).status).toBe(202);
    });

    it('fails its node when it fails, and is cancelled with its parent', async () => {
      const failing = await api.create(manualGraph({ no: node('fail', { code: 'NO', message: 'no' }) }, ['start>no']));
      expect((await run(calling(failing))).error).toMatchObject({
        code: 'CHILD_FAILED',
        details: { status: 'failed', error: { code: 'NO' } },
      });
      const long = await api.create(manualGraph({ pause: node('wait.delay', { delayMs: 60_000 }) }, ['start>pause']));
      const parent = await startOf(await api.create(calling(long)));
      const childOf = await until('it waits for its child', async () => {
        const { body } = await api.send('GET', `/v1/executions/${parent}`);
        const { waitingOn } = body as Execution;
        return waitingOn?.kind === 'execution' ? waitingOn.executionId : undefined;
      });
      expect((await api.send('POST', `/v1/executions/${parent}/cancel`)).status).toBe(202);
      expect(await api.ended(childOf)).toMatchObject({
        status: 'cancelled',
        cancelReason: { code: 'PARENT_ENDED' },
        parentExecutionId: parent,
      });
    });

    it('may go sixteen deep, and is refused where there is none', async () => {
      const id = await api.create(setOf({}));
      const again = await api.send('GET', `/v1/workflows/${id}`);
      const put = await api.send('PUT', `/v1/workflows/${id}`, {
        json: calling(id),
        headers: { 'if-match': again.headers.get('etag') ?? '' },
      });
      expect(put.status).toBe(200);
      const execution = await api.ended(await startOf(id), 30_000);
      expect(JSON.stringify(execution.error)).toContain('SUBWORKFLOW_TOO_DEEP');
      const { body } = await api.send('GET', `/v1/executions?workflowId=${id}`);
      expect((body as { items: Execution[] }).items).toHaveLength(17);
      expect((await run(calling('wf_none'))).error).toMatchObject({ code: 'WORKFLOW_NOT_FOUND' });
    });
  });

  it('a failure starts the error workflow once', async () => {
    const helper = await api.create(
      setOf({ of: '{{ trigger.body.execution.id }}', code: '{{ trigger.body.error.code }}' }),
    );
    const failing = manualGraph({ no: node('fail', { code: 'NO', message: 'no' }) }, ['start>no']);
    const failed = await run({ ...failing, settings: { errorWorkflow: helper } });
    const help = await until('help came', async () => {
      const { body } = await api.send('GET', `/v1/executions?workflowId=${helper}&status=succeeded`);
      const { items } = body as { items: Execution[] };
      return items.length > 0 ? items : undefined;
    });
    expect(help).toMatchObject([{ output: { of: failed.id, code: 'NO' }, parentExecutionId: failed.id }]);
  });

  describe('a dry run', () => {
    const graph = () =>
      manualGraph(
        {
          call: node('http.request', { method: 'GET', url: `${sink.url}/dry` }, { retry: ONCE }),
          out: node('set', { values: { seen: '{{ nodes.call.output }}' } }),
          pause: node('wait.delay', { delayMs: 60_000 }),
        },
        ['start>call', 'call>out', 'out>pause'],
      );

    it('has no side effect, and shows what it would have done', async () => {
      const { status, mode, nodes } = await run(graph(), { mode: 'dry' });
      expect({ status, mode }).toEqual({ status: 'succeeded', mode: 'dry' });
      expect(nodes[1]?.output).toMatchObject({
        dryRun: true,
        type: 'http.request',
        config: { url: `${sink.url}/dry` },
      });
      expect(sink.calls.filter(({ path }) => path === '/dry')).toEqual([]);
    });

    it('takes pinned outputs for those of the nodes, also when it is live', async () => {
      const pins = { call: { status: 200, body: 'pinned' }, pause: {} };
      const { nodes } = await run(graph(), { pins });
      expect(nodes[2]?.output).toEqual({ seen: pins.call });
      const id = await api.create(graph());
      expect(await api.send('POST', `/v1/workflows/${id}/executions`, { json: { pins: { none: 1 } } })).toMatchObject({
        status: 422,
        body: { code: 'UNKNOWN_NODE', errors: [{ path: 'pins.none' }] },
      });
    });
  });
});
