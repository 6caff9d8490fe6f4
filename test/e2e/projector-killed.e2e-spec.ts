import { callThrough, expectAllFinishedOnce } from '../support/accepted-calls.ts';
import { Api } from '../support/api.ts';
import { bigOrders } from '../support/big-orders.ts';
import { ScaledMillrace } from '../support/scaled-millrace.ts';
import { Sink } from '../support/sink.ts';

describe('kill -9 of the projector amid 500 webhook calls', () => {
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

  it('writes are accepted and said to be visible later; the lists catch up, with nothing twice', async () => {
    const api = await Api.register(millrace.url);
    const { hook } = await api.activate(bigOrders(sink.url));
    const accepted = await callThrough(millrace.url + hook, {
      total: 500,
      together: 16,
      meanwhile: async () => {
        await millrace.killPart('projector');
        const created = await api.send('POST', '/v1/workflows', { json: { ...bigOrders(sink.url), name: 'Unseen' } });
        expect(created).toMatchObject({ status: 202, body: { name: 'Unseen', version: 1 } });
        const { executionId } = (await api.hook(hook, { orderId: 'unseen', amount: 250 })).body as {
          executionId: string;
        };
        // What the read models do not have yet, the log has.
        expect(await api.ended(executionId)).toMatchObject({ status: 'succeeded' });
        await millrace.startPart('projector');
      },
    });
    await expectAllFinishedOnce(api, sink, accepted);
    expect((await api.send('GET', '/v1/workflows?q=unseen')).body).toMatchObject({ items: [{ name: 'Unseen' }] });
  }, 120_000);
});
