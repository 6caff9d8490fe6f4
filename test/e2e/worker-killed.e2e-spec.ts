import { callThrough, expectAllFinishedOnce } from '../support/accepted-calls.ts';
import { Api } from '../support/api.ts';
import { bigOrders } from '../support/big-orders.ts';
import { ScaledMillrace } from '../support/scaled-millrace.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

describe('kill -9 of the worker amid 500 webhook calls', () => {
  let millrace: ScaledMillrace;
  let sink: Sink;
  /** While closed, nobody who calls the sink is answered: so work is in the worker's hands when it dies. */
  let gate = Promise.resolve();

  beforeAll(async () => {
    sink = await Sink.start(() => gate.then(() => ({ status: 200 })));
    millrace = await ScaledMillrace.start();
  }, 90_000);

  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  }, 60_000);

  it('another one finishes what it had in hand, and records every result once', async () => {
    const api = await Api.register(millrace.url);
    const { hook } = await api.activate(bigOrders(sink.url));
    let inHand: string[] = [];
    const accepted = await callThrough(millrace.url + hook, {
      total: 500,
      together: 16,
      meanwhile: async () => {
        const { promise, resolve: open } = Promise.withResolvers<void>();
        gate = promise;
        const before = sink.calls.length;
        await until('the worker has work in hand', async () => sink.calls[before + 9]);
        inHand = sink.calls.slice(before).map((one) => one.body);
        await millrace.killPart('worker');
        open();
        await millrace.startPart('worker');
      },
    });
    await expectAllFinishedOnce(api, sink, accepted);
    const timesOf = (order: string): number => sink.calls.filter((one) => one.body === order).length;
    for (const order of inHand) expect(timesOf(order)).toBeGreaterThanOrEqual(2);
  }, 120_000);
});
