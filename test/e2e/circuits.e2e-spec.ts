import { Api, type Execution, type Reply } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

interface Circuit {
  readonly key: string;
  readonly state: string;
  readonly failures: number;
  readonly openedAt: string | null;
  readonly retryAt: string | null;
}

describe('circuits of destinations', () => {
  let millrace: LocalMillrace;
  let sink: Sink;
  let api: Api;
  let answer: { status: number; headers?: Record<string, string> };

  beforeAll(async () => {
    millrace = await startMillrace();
  }, 60_000);
  beforeEach(async () => {
    answer = { status: 500 };
    sink = await Sink.start(() => answer);
    api = await Api.register(millrace.url);
  });
  afterEach(() => sink[Symbol.asyncDispose]());
  afterAll(() => millrace[Symbol.asyncDispose]());

  const key = (): string => new URL(sink.url).host;
  const circuits = async (as = api): Promise<Circuit[]> =>
    ((await as.send('GET', '/v1/circuits')).body as { items: Circuit[] }).items;
  const circuit = async (): Promise<Circuit | undefined> => (await circuits()).find((one) => one.key === key());
  const reset = (as = api): Promise<Reply> => as.send('POST', `/v1/circuits/${encodeURIComponent(key())}/reset`);
  const workflow = (maxAttempts: number, as = api): Promise<string> => {
    const retry = { maxAttempts, backoff: 'fixed', initialMs: 1, jitter: false };
    const config = { method: 'GET', url: `${sink.url}/` };
    return as.create(manualGraph({ call: { type: 'http.request', config, retry } }, ['start>call']));
  };
  const start = async (id: string, as = api): Promise<string> => {
    const { body } = await as.send('POST', `/v1/workflows/${id}/executions`, { json: {} });
    return (body as { executionId: string }).executionId;
  };
  const read = async (id: string): Promise<Execution> =>
    (await api.send('GET', `/v1/executions/${id}`)).body as Execution;
  const waiting = (id: string): Promise<Execution> =>
    until(`${id} waits`, async () => {
      const execution = await read(id);
      return execution.waitingOn !== null && 'destination' in execution.waitingOn ? execution : undefined;
    });
  /** Ten calls that fail. */
  const open = async (): Promise<Circuit> => {
    await api.ended(await start(await workflow(10)));
    return until('it is open', async () => {
      const found = await circuit();
      return found?.state === 'open' ? found : undefined;
    });
  };

  it('open, hold attempts back without using them up, and let them all pass when the destination works again', async () => {
    const opened = await open();
    expect(opened).toMatchObject({ failures: 10, openedAt: expect.any(String) as string });
    expect(Date.parse(opened.retryAt ?? '') - Date.parse(opened.openedAt ?? '')).toBe(5_000);
    const id = await workflow(1);
    const ids = await Promise.all(Array.from({ length: 5 }, () => start(id)));
    for (const execution of await Promise.all(ids.map(waiting))) {
      expect(execution.status).toBe('waiting');
      expect(execution.waitingOn).toMatchObject({ kind: 'circuit', nodeId: 'call', destination: key() });
      expect(execution.nodes[1]).toMatchObject({ nodeId: 'call', attempts: 0 });
    }
    expect(sink.calls).toHaveLength(10);
    answer = { status: 200 };
    for (const execution of await Promise.all(ids.map((one) => api.ended(one, 20_000)))) {
      expect(execution).toMatchObject({ status: 'succeeded', waitingOn: null });
      expect(execution.nodes[1]?.attempts).toBe(1);
    }
    expect(sink.calls).toHaveLength(15);
    await until('it is closed', async () => ((await circuit()) === undefined ? true : undefined));
  });

  it('hold back everybody for as long as one answer asks', async () => {
    answer = { status: 429, headers: { 'retry-after': '2' } };
    const id = await workflow(1);
    expect((await api.ended(await start(id))).status).toBe('failed');
    await until('all know', circuit);
    expect(await circuit()).toMatchObject({ state: 'closed', failures: 1, openedAt: null });
    answer = { status: 200 };
    const second = await start(id);
    expect((await waiting(second)).waitingOn).toMatchObject({ kind: 'rateLimit', destination: key() });
    expect((await api.ended(second)).status).toBe('succeeded');
    expect(sink.calls).toHaveLength(2);
  });

  it('hold back what is left of a loop, and nothing of it is used up or done twice', async () => {
    answer = { status: 200 };
    const config = { items: [1, 2, 3], node: { type: 'http.request', config: { method: 'GET', url: `${sink.url}/` } } };
    const id = await api.create(manualGraph({ each: { type: 'forEach', config } }, ['start>each']));
    answer = { status: 500 };
    await open();
    answer = { status: 200 };
    const execution = await api.ended(await start(id), 20_000);
    expect(execution.status).toBe('succeeded');
    expect((execution.output as { results: unknown[] }).results).toHaveLength(3);
    expect(sink.calls).toHaveLength(13);
  });

  it('are reset by a person', async () => {
    await open();
    expect(await reset()).toMatchObject({ status: 204, text: '' });
    expect(await circuit()).toBeUndefined();
    answer = { status: 200 };
    expect((await api.ended(await start(await workflow(1)))).status).toBe('succeeded');
    expect(await reset()).toMatchObject({ status: 404, body: { code: 'CIRCUIT_NOT_FOUND' } });
  });

  it('are those of one workspace: another one sees none and is not held back', async () => {
    await open();
    const stranger = await Api.register(millrace.url);
    expect(await circuits(stranger)).toEqual([]);
    expect((await reset(stranger)).status).toBe(404);
    answer = { status: 200 };
    const execution = await stranger.ended(await start(await workflow(1, stranger), stranger));
    expect(execution.status).toBe('succeeded');
    expect((await circuit())?.state).toBe('open');
  });

  it('come by key, by pages, and refuse cursors that are none', async () => {
    await using other = await Sink.start(() => ({ status: 500 }));
    for (const url of [sink.url, other.url]) {
      const config = { method: 'GET', url };
      await api.ended(await start(await api.create(manualGraph({ a: { type: 'http.request', config } }, ['start>a']))));
    }
    await until('both are known', async () => ((await circuits()).length === 2 ? true : undefined));
    const page = async (query: string) =>
      (await api.send('GET', `/v1/circuits?limit=1${query}`)).body as { items: Circuit[]; nextCursor: string | null };
    const first = await page('');
    const second = await page(`&cursor=${first.nextCursor}`);
    expect([first.items[0]?.key, second.items[0]?.key]).toEqual(
      [sink.url, other.url].map((url) => new URL(url).host).sort(),
    );
    expect(second.nextCursor).toBeNull();
    for (const cursor of ['', '*', '%00']) {
      expect(await api.send('GET', `/v1/circuits?cursor=${cursor}`)).toMatchObject({ status: 400 });
    }
  });
});
