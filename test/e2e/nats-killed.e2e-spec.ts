import { callThrough, expectAllFinishedOnce } from '../support/accepted-calls.ts';
import { Api } from '../support/api.ts';
import { bigOrders } from '../support/big-orders.ts';
import { ScaledMillrace } from '../support/scaled-millrace.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

describe('kill -9 of NATS amid 500 webhook calls', () => {
  let millrace: ScaledMillrace;
  let sink: Sink;

  beforeAll(async () => {
    sink = await Sink.start();
    millrace = await ScaledMillrace.start();
  }, 90_000);

  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  }, 60_000);

  it('calls are answered 503 meanwhile; then all goes on, and no process was started again', async () => {
    const api = await Api.register(millrace.url);
    const { id, hook } = await api.activate(bigOrders(sink.url));
    const { nats } = millrace.servers;
    const processes = (): number[] => (['api', 'worker', 'projector'] as const).map((part) => millrace.pidOf(part));
    const before = processes();
    const accepted = await callThrough(millrace.url + hook, {
      total: 500,
      together: 16,
      meanwhile: async () => {
        await nats.kill();
        const refused = await until('a call is refused', async () => {
          const reply = await api.hook(hook, { orderId: 'while-away', amount: 250 });
          return reply.status === 202 ? undefined : reply;
        });
        expect(refused).toMatchObject({ status: 503, body: { code: 'LOG_UNAVAILABLE' } });
        expect(refused.headers.get('retry-after')).toBe('1');
        // What needs the log is refused, what does not is answered.
        expect(await api.send('POST', `/v1/workflows/${id}/executions`)).toMatchObject({ status: 503 });
        expect(await api.send('POST', '/v1/workflows', { json: bigOrders(sink.url) })).toMatchObject({ status: 503 });
        expect(await api.send('GET', `/v1/workflows/${id}`)).toMatchObject({ status: 200 });
        await millrace.untilReadinessIs(503);
        await nats.start();
        await millrace.untilReadinessIs(200);
      },
    });
    await expectAllFinishedOnce(api, sink, accepted);
    expect(processes()).toEqual(before);
    // New routes reach those who follow them, too.
    const { hook: later } = await api.activate(bigOrders(sink.url));
    expect((await api.hook(later, { orderId: 'later', amount: 250 })).status).toBe(202);
  }, 120_000);
});
