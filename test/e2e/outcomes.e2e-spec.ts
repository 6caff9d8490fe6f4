import { Api, type EventItem, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { Sink, type SinkAnswer } from '../support/sink.ts';
import { until } from '../support/until.ts';

/** Nobody listens there. */
const NOBODY = 'http://127.0.0.1:1/';

describe('how executions go', () => {
  let millrace: LocalMillrace;
  let sink: Sink;
  let api: Api;
  const never = Promise.withResolvers<never>();

  beforeAll(async () => {
    const answer: SinkAnswer = ({ path }, nth) => {
      if (path === '/third-time') return { status: nth < 3 ? 500 : 200, body: JSON.stringify({ nth }) };
      if (path === '/busy') return nth < 2 ? { status: 429, headers: { 'retry-after': '1' } } : { status: 200 };
      if (path === '/silent') return never.promise;
      return { status: Number(/^\/status\/(\d+)/.exec(path)?.[1] ?? 200) };
    };
    [millrace, sink] = await Promise.all([startMillrace(), Sink.start(answer)]);
    api = await Api.register(millrace.url);
  }, 60_000);

  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  const start = async (definition: object, input: unknown, prefer: string) => {
    const id = await api.create(definition);
    return api.send('POST', `/v1/workflows/${id}/executions`, { json: { input }, headers: { prefer } });
  };
  const run = async (definition: object, input: unknown = null): Promise<Execution> => {
    const { status, body } = await start(definition, input, 'wait=20');
    expect(status).toBe(200);
    return body as Execution;
  };
  const get = (path: string, extra: object = {}): object => ({
    type: 'http.request',
    config: { method: 'GET', url: path.startsWith('/') ? `${sink.url}${path}` : path },
    ...extra,
  });
  const set = (values: object): object => ({ type: 'set', config: { values } });
  const fixed = (maxAttempts: number, initialMs: number): object => ({
    maxAttempts,
    backoff: 'fixed',
    initialMs,
    jitter: false,
  });
  const statusesOf = ({ nodes }: Execution): Record<string, string> =>
    Object.fromEntries(nodes.map((node) => [node.nodeId, node.status]));
  const typesOf = async (execution: Execution): Promise<string[]> =>
    (await api.events(execution.id)).map((event: EventItem) => event.type);

  describe('a target that fails', () => {
    it('is tried again after its backoff, and the execution says meanwhile what it waits for', async () => {
      const graph = manualGraph({ a: get('/third-time', { retry: fixed(5, 400) }) }, ['start>a']);
      const { executionId } = (await start(graph, null, '')).body as { executionId: string };
      const waiting = await until('it waits', async () => {
        const { body } = await api.send('GET', `/v1/executions/${executionId}`);
        return (body as Execution).status === 'waiting' ? (body as Execution) : undefined;
      });
      expect(waiting.waitingOn).toMatchObject({
        kind: 'retry',
        nodeId: 'a',
        at: expect.stringMatching(/Z$/) as string,
      });
      expect(statusesOf(waiting)).toEqual({ start: 'succeeded', a: 'retrying' });
      const execution = await api.ended(executionId);
      expect(execution).toMatchObject({ status: 'succeeded', output: { body: { nth: 3 } }, waitingOn: null });
      expect(execution.nodes[1]?.attempts).toBe(3);
      const keys = sink.calls.filter(({ path }) => path === '/third-time').map((call) => call.idempotencyKey);
      expect(keys).toEqual([expect.stringMatching(/^[\w-]{43}$/), keys[0], keys[0]]);
      const events = await api.events(executionId);
      expect(events.map((event) => event.type)).toEqual([
        'ExecutionStarted',
        'NodeScheduled',
        'NodeRetryScheduled',
        'NodeScheduled',
        'NodeRetryScheduled',
        'NodeScheduled',
        'NodeSucceeded',
        'ExecutionSucceeded',
      ]);
      const [first, , second] = events.slice(2).map((event) => Date.parse(event.at));
      expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(400);
    });

    it('fails the execution with the last error when the attempts are used up', async () => {
      const execution = await run(manualGraph({ a: get('/status/503', { retry: fixed(3, 5) }) }, ['start>a']));
      expect(execution).toMatchObject({
        status: 'failed',
        output: null,
        error: { code: 'HTTP_STATUS', nodeId: 'a', attempt: 3, details: { status: 503 } },
      });
      expect((await typesOf(execution)).slice(-2)).toEqual(['NodeFailed', 'ExecutionFailed']);
    });

    it('fails it at once when another attempt can not help', async () => {
      const execution = await run(manualGraph({ a: get('/status/404', { retry: fixed(5, 5) }) }, ['start>a']));
      expect(execution).toMatchObject({ status: 'failed', error: { code: 'HTTP_STATUS', nodeId: 'a', attempt: 1 } });
      expect(sink.calls.filter((one) => one.path === '/status/404')).toHaveLength(1);
    });

    it.each<[string, string, string]>([
      ['that nobody answers at', NOBODY, 'HTTP_CONNECT'],
      ['that stays silent', '/silent', 'NODE_TIMEOUT'],
    ])('%s is tried again, and told by its code', async (_name, url, code) => {
      const node = get(url, { retry: fixed(2, 5), timeoutMs: 100 });
      expect(await run(manualGraph({ a: node }, ['start>a']))).toMatchObject({
        status: 'failed',
        error: { code, attempt: 2 },
      });
    });

    it('is left alone for as long as it asks', async () => {
      const execution = await run(manualGraph({ a: get('/busy', { retry: fixed(2, 5) }) }, ['start>a']));
      expect(execution.status).toBe('succeeded');
      const at = (await api.events(execution.id)).map((event) => Date.parse(event.at));
      expect((at[3] ?? 0) - (at[2] ?? 0)).toBeGreaterThanOrEqual(1000);
    });

    it('does not end an execution that goes on with its error', async () => {
      const graph = manualGraph(
        { a: get('/status/404', { onError: 'continue' }), b: set({ code: '{{ nodes.a.output.error.code }}' }) },
        ['start>a', 'a>b'],
      );
      const execution = await run(graph);
      expect(execution).toMatchObject({ status: 'succeeded', output: { code: 'HTTP_STATUS' } });
      expect(statusesOf(execution)).toMatchObject({ a: 'failed', b: 'succeeded' });
    });

    it('leaves by the output for errors', async () => {
      const graph = manualGraph(
        { a: get('/status/404', { onError: 'branch' }), fine: set({ ok: true }), sorry: set({ ok: false }) },
        ['start>a', 'a>fine', 'a:error>sorry'],
      );
      const execution = await run(graph);
      expect(execution).toMatchObject({ status: 'succeeded', output: { ok: false } });
      expect(statusesOf(execution)).toMatchObject({ fine: 'skipped', sorry: 'succeeded' });
    });
  });

  describe('an expression that fails', () => {
    it('fails its node with the expression, its place and what was probably meant', async () => {
      const graph = manualGraph({ a: set({ x: 'about {{ trigger.body.amout + 1 }}' }) }, ['start>a']);
      const execution = await run(graph, { amount: 1 });
      const { error } = execution;
      expect(error).toMatchObject({
        code: 'EXPRESSION_FAILED',
        nodeId: 'a',
        details: { path: 'values.x', expression: expect.stringContaining('trigger.body.amout') as string },
      });
      const { offset, hint } = error?.details as { offset: number; hint: string };
      expect(offset).toBeGreaterThanOrEqual(0);
      expect(hint).toContain('amount');
    });

    it('is not tried again', async () => {
      const node = { ...get('{{ trigger.body.none }}', { retry: fixed(5, 5) }) };
      expect(await run(manualGraph({ a: node }, ['start>a']), {})).toMatchObject({
        status: 'failed',
        error: { code: 'EXPRESSION_FAILED', attempt: 1 },
      });
    });

    it('fails a condition that is no yes or no', async () => {
      const graph = manualGraph({ a: { type: 'if', config: { condition: '{{ trigger.body.amount }}' } } }, ['start>a']);
      expect(await run(graph, { amount: 1 })).toMatchObject({ status: 'failed', error: { nodeId: 'a' } });
    });
  });

  describe('nodes that are computed', () => {
    const orders = [
      { customer: 'Ada', amount: 250 },
      { customer: 'Bob', amount: 20 },
      { customer: 'Ada', amount: 150 },
    ];

    it('filter, sum up and respond, and the execution gives the body of the response', async () => {
      const graph = manualGraph(
        {
          big: { type: 'filter', config: { items: '{{ trigger.body }}', condition: '{{ item.amount > 100 }}' } },
          sums: {
            type: 'aggregate',
            config: {
              items: '{{ nodes.big.output.kept }}',
              groupBy: '{{ item.customer }}',
              values: { total: { sum: '{{ item.amount }}' } },
            },
          },
          answer: { type: 'respond', config: { status: 201, body: { rows: '{{ nodes.sums.output }}' } } },
          after: set({ done: true }),
        },
        ['start>big', 'big>sums', 'sums>answer', 'answer>after'],
      );
      const execution = await run(graph, orders);
      expect(execution).toMatchObject({ status: 'succeeded', output: { rows: [{ key: 'Ada', total: 400 }] } });
      expect(execution.nodes.find(({ nodeId }) => nodeId === 'big')?.output).toEqual({
        kept: [orders[0], orders[2]],
        dropped: 1,
      });
      expect(execution.nodes.find(({ nodeId }) => nodeId === 'answer')?.output).toEqual({
        status: 201,
        headers: {},
        body: { rows: [{ key: 'Ada', total: 400 }] },
      });
    });

    it('fail with the code that they are given, and the flow may go on', async () => {
      const config = { code: 'OUT_OF_STOCK', message: 'no more {{ trigger.body }}' };
      expect(await run(manualGraph({ a: { type: 'fail', config } }, ['start>a']), 'pens')).toMatchObject({
        status: 'failed',
        error: { code: 'OUT_OF_STOCK', message: 'no more pens', nodeId: 'a', attempt: 1 },
      });
      const going = {
        a: { type: 'fail', config, onError: 'continue' },
        b: set({ is: '{{ nodes.a.output.error.code }}' }),
      };
      expect(await run(manualGraph(going, ['start>a', 'a>b']), 'pens')).toMatchObject({
        status: 'succeeded',
        output: { is: 'OUT_OF_STOCK' },
      });
    });
  });

  describe('a graph', () => {
    it('runs what a switch chooses, and skips all that lies behind the others', async () => {
      const graph = manualGraph(
        {
          size: {
            type: 'switch',
            config: {
              cases: [
                { output: 'small', condition: '{{ trigger.body.n < 10 }}' },
                { output: 'even', condition: '{{ trigger.body.n % 2 == 0 }}' },
              ],
              fallback: 'other',
              mode: 'all',
            },
          },
          small: set({ small: true }),
          even: set({ even: true }),
          other: set({ other: true }),
          after: set({ after: 'other' }),
          both: { type: 'merge' },
        },
        ['start>size', 'size:small>small', 'size:even>even', 'size:other>other', 'other>after'].concat([
          'small>both',
          'even>both',
          'after>both',
        ]),
      );
      expect(await run(graph, { n: 4 })).toMatchObject({
        output: { small: { small: true }, even: { even: true } },
      });
      const neither = await run(graph, { n: 11 });
      expect(neither.output).toEqual({ after: { after: 'other' } });
      expect(statusesOf(neither)).toMatchObject({ small: 'skipped', even: 'skipped', both: 'succeeded' });
      const execution = await run(graph, { n: 3 });
      expect(execution.output).toEqual({ small: { small: true } });
      expect(statusesOf(execution)).toMatchObject({ even: 'skipped', other: 'skipped', after: 'skipped' });
    });

    it('waits for all that comes in, or goes on with the first', async () => {
      const graph = (join: string): object =>
        manualGraph({ slow: get('/slow'), fast: set({ n: 1 }), end: { ...set({ n: 2 }), join } }, [
          'start>slow',
          'start>fast',
          'slow>end',
          'fast>end',
        ]);
      const succeeded = async (join: string): Promise<unknown[]> => {
        const events = await api.events((await run(graph(join))).id);
        return events.filter((event) => event.type === 'NodeSucceeded').map((event) => event.data.nodeId);
      };
      expect(await succeeded('all')).toEqual(['fast', 'slow', 'end']);
      expect((await succeeded('any')).slice(0, 2)).toEqual(['fast', 'end']);
    });

    it('keeps fields, merges in order, and gives an object of its ends', async () => {
      const graph = manualGraph(
        {
          keep: { type: 'set', config: { keep: true, values: { twice: '{{ trigger.body.n * 2 }}' } } },
          one: set({ n: 1 }),
          two: set({ n: 2 }),
          list: { type: 'merge', config: { mode: 'list' } },
        },
        ['start>keep', 'start>one', 'start>two', 'two>list', 'one>list'],
      );
      expect((await run(graph, { n: 21 })).output).toEqual({
        keep: { body: { n: 21 }, twice: 42 },
        list: [{ n: 2 }, { n: 1 }],
      });
    });
  });

  it('logs no error for any of this', () => {
    expect(millrace.log.filter((line) => /"level":"(error|fatal)"/.test(line))).toEqual([]);
  });
});
