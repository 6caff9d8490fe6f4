import { callThrough, expectAllFinishedOnce, type Acceptance } from '../support/accepted-calls.ts';
import { Api, call } from '../support/api.ts';
import { bigOrders } from '../support/big-orders.ts';
import { ScaledMillrace } from '../support/scaled-millrace.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

describe('kill -9 of Postgres amid 500 webhook calls', () => {
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

  it('calls are accepted and run all the same, reads are answered 503, and the lists catch up', async () => {
    const api = await Api.register(millrace.url);
    const { hook } = await api.activate(bigOrders(sink.url));
    const { postgres } = millrace.servers;
    const whileAway: Acceptance[] = [];
    const accepted = await callThrough(millrace.url + hook, {
      total: 500,
      together: 16,
      meanwhile: async () => {
        await postgres.kill();
        await millrace.untilReadinessIs(503);
        for (const orderId of ['away-1', 'away-2', 'away-3']) {
          const { status, body } = await api.hook(hook, { orderId, amount: 250 });
          expect(status).toBe(202);
          whileAway.push({ orderId, executionId: (body as { executionId: string }).executionId });
          await until('it has run', async () => sink.calls.find((one) => one.body.includes(orderId)));
        }
        for (const path of ['/v1/executions', '/v1/workflows', `/v1/executions/${whileAway[0]?.executionId}`]) {
          const reply = await api.send('GET', path);
          expect(reply).toMatchObject({ status: 503, body: { code: 'DATABASE_UNAVAILABLE' } });
          expect(reply.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
        }
        const account = { email: 'new@example.com', password: 'correct horse battery' };
        expect((await call(millrace.url, 'POST', '/v1/auth/register', { json: account })).status).toBe(503);
        await postgres.start();
        await millrace.untilReadinessIs(200);
      },
    });
    await expectAllFinishedOnce(api, sink, [...accepted, ...whileAway]);
  }, 120_000);
});
