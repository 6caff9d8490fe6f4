import { callThrough, expectAllFinishedOnce } from '../support/accepted-calls.ts';
import { Api } from '../support/api.ts';
import { bigOrders } from '../support/big-orders.ts';
import { ScaledMillrace } from '../support/scaled-millrace.ts';
import { Sink } from '../support/sink.ts';

describe('kill -9 of the api amid 500 webhook calls', () => {
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

  it('what it accepted is finished, and it answers again at the same URLs', async () => {
    const api = await Api.register(millrace.url);
    const { hook } = await api.activate(bigOrders(sink.url));
    const accepted = await callThrough(millrace.url + hook, {
      total: 500,
      together: 16,
      meanwhile: async () => {
        await millrace.killPart('api');
        await expect(api.hook(hook, { orderId: 'nobody-there', amount: 250 })).rejects.toThrow('fetch failed');
        await millrace.startPart('api');
      },
    });
    await expectAllFinishedOnce(api, sink, accepted);
  }, 120_000);
});
