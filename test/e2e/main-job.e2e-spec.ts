import { Api } from '../support/api.ts';
import { bigOrders } from '../support/big-orders.ts';
import { makeDataDir } from '../support/data-dir.ts';
import { MillraceProcess } from '../support/millrace-process.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

/** As `npm start` serves it: the build, in a process of its own, which brings its servers. */
describe('the main job', () => {
  let sink: Sink;
  let server: MillraceProcess;
  let api: Api;
  let hook: string;

  beforeAll(async () => {
    const { path } = await makeDataDir();
    sink = await Sink.start();
    server = await MillraceProcess.start({ MILLRACE_DATA_DIR: path, MILLRACE_ALLOW_PRIVATE_NETWORK: 'true' });
    api = await Api.register(server.url);
    ({ hook } = await api.activate(bigOrders(sink.url)));
  }, 60_000);

  afterAll(async () => {
    expect(await server.stop()).toBe(0);
    await sink[Symbol.asyncDispose]();
  });

  const accept = async (order: { orderId: string; amount: number }): Promise<string> => {
    const { status, headers, body } = await api.hook(hook, order);
    const { executionId } = body as { executionId: string };
    expect({ status, body }).toEqual({ status: 202, body: { executionId: expect.stringMatching(/^ex_/) as string } });
    expect(headers.get('location')).toBe(`/v1/executions/${executionId}`);
    return executionId;
  };

  it('turns a webhook into a finished, recorded execution', async () => {
    const executionId = await accept({ orderId: 'o-1', amount: 250 });
    const execution = await api.ended(executionId);
    expect(execution).toMatchObject({
      id: executionId,
      workflowVersion: 1,
      status: 'succeeded',
      trigger: { type: 'trigger.webhook', nodeId: 'order' },
      input: { method: 'POST', path: hook, query: {}, body: { orderId: 'o-1', amount: 250 } },
      output: { status: 200, body: { ok: true } },
      error: null,
      waitingOn: null,
    });
    expect(execution.nodes).toMatchObject([
      { nodeId: 'order', type: 'trigger.webhook', status: 'succeeded', attempts: 1 },
      { nodeId: 'big', type: 'if', status: 'succeeded', attempts: 1 },
      { nodeId: 'shape', type: 'set', output: { id: 'o-1', text: 'Order o-1 is big' } },
      { nodeId: 'notify', type: 'http.request', attempts: 1, output: { status: 200, body: { ok: true } } },
    ]);
    expect(execution.nodes.map((node) => node.error)).toEqual([null, null, null, null]);
    const sent = sink.calls.filter((call) => call.body.includes('o-1'));
    expect(sent).toEqual([
      {
        method: 'POST',
        path: '/big',
        body: '{"id":"o-1","text":"Order o-1 is big"}',
        idempotencyKey: expect.stringMatching(/^[\w-]{43}$/) as string,
      },
    ]);
  });

  it('records what happened, in order', async () => {
    const executionId = await accept({ orderId: 'o-2', amount: 101 });
    await api.ended(executionId);
    const events = await api.events(executionId);
    expect(events.map(({ version, type, data }) => [version, type, data.nodeId])).toEqual([
      [1, 'ExecutionStarted', undefined],
      [2, 'NodeSucceeded', 'big'],
      [3, 'NodeSucceeded', 'shape'],
      [4, 'NodeScheduled', 'notify'],
      [5, 'NodeSucceeded', 'notify'],
      [6, 'ExecutionSucceeded', undefined],
    ]);
    const instants = events.map((event) => event.at);
    expect(instants).toEqual(instants.toSorted());
    for (const instant of instants) expect(instant).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it.each([100, -1])('sends nothing for an order of %d, and skips what lies behind', async (amount) => {
    const orderId = `small-${amount}`;
    const execution = await api.ended(await accept({ orderId, amount }));
    expect(execution.status).toBe('succeeded');
    const statuses = Object.fromEntries(execution.nodes.map((node) => [node.nodeId, node.status]));
    expect(statuses).toEqual({ order: 'succeeded', big: 'succeeded', shape: 'skipped', notify: 'skipped' });
    expect(sink.calls.some((call) => call.body.includes(orderId))).toBe(false);
  });

  it('takes texts that Postgres does not', async () => {
    const executionId = await accept({ orderId: 'nul-\u0000-\ud800', amount: 1 });
    await until('the list shows it', async () =>
      (await api.executions()).find((one) => one.id === executionId && one.status === 'succeeded'),
    );
  });
});
