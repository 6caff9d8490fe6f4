import { Api, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { ScaledMillrace } from '../support/scaled-millrace.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

interface InDoubt {
  readonly executionId: string;
  readonly nodes: readonly { readonly nodeId: string; readonly attempt: number; readonly settle: string }[];
}

describe('kill -9 of the worker in the middle of attempts that must not be repeated', () => {
  let millrace: ScaledMillrace;
  let sink: Sink;
  let api: Api;
  let gate: Promise<unknown> = Promise.resolve();

  beforeAll(async () => {
    sink = await Sink.start(() => gate.then(() => ({ status: 200 })));
    millrace = await ScaledMillrace.start();
    api = await Api.register(millrace.url);
  }, 90_000);

  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  }, 60_000);

  const paying = (onInterrupted: string): object =>
    manualGraph(
      {
        pay: {
          type: 'http.request',
          config: { method: 'POST', url: `${sink.url}/${onInterrupted}`, json: {} },
          onInterrupted,
        },
      },
      ['start>pay'],
    );
  const start = async (onInterrupted: string): Promise<string> => {
    const id = await api.create(paying(onInterrupted));
    const { body } = await api.send('POST', `/v1/workflows/${id}/executions`, { json: {} });
    return (body as { executionId: string }).executionId;
  };
  const inDoubt = async (): Promise<readonly InDoubt[]> =>
    ((await api.send('GET', '/v1/in-doubt')).body as { items: InDoubt[] }).items;
  const settle = (id: string, json: object) =>
    api.send('POST', `/v1/executions/${id}/nodes/pay/settle`, { json: json });

  it('a person says what came of them; who wants failures gets one; the rest is repeated', async () => {
    const { promise, resolve: open } = Promise.withResolvers<void>();
    gate = promise;
    const asking = await Promise.all(['ask', 'ask', 'ask'].map(start));
    const failing = await start('fail');
    const repeating = await start('retry');
    await until('all are in hand', async () => sink.calls[4]);
    await millrace.killPart('worker');
    open();
    await millrace.startPart('worker');
    expect(await api.ended(repeating, 30_000)).toMatchObject({ status: 'succeeded' });
    expect(await api.ended(failing, 30_000)).toMatchObject({ status: 'failed', error: { code: 'INTERRUPTED' } });
    const doubtful = await until('they are in doubt', async () => {
      const items = await inDoubt();
      return items.length === 3 ? items : undefined;
    });
    expect(new Set(doubtful.map(({ executionId }) => executionId))).toEqual(new Set(asking));
    const [paid = '', again = '', failed = ''] = asking;
    expect(doubtful[0]?.nodes).toMatchObject([{ nodeId: 'pay', attempt: 1 }]);
    const { body } = await api.send('GET', `/v1/executions/${paid}`);
    expect(body as Execution).toMatchObject({ status: 'waiting', waitingOn: { kind: 'person', nodeId: 'pay' } });
    expect((await settle(paid, { outcome: 'succeeded', output: { paid: true } })).status).toBe(202);
    expect((await settle(again, { outcome: 'retry' })).status).toBe(202);
    expect((await settle(failed, { outcome: 'failed', message: 'the bank says no' })).status).toBe(202);
    expect(await api.ended(paid)).toMatchObject({ status: 'succeeded', output: { paid: true } });
    expect(await api.ended(again)).toMatchObject({ status: 'succeeded', output: { status: 200 } });
    expect(await api.ended(failed)).toMatchObject({ status: 'failed', error: { message: 'the bank says no' } });
    expect(await settle(paid, { outcome: 'retry' })).toMatchObject({ status: 409, body: { code: 'NOT_IN_DOUBT' } });
    expect(await inDoubt()).toEqual([]);
    const calls = (path: string): number => sink.calls.filter((call) => call.path === path).length;
    expect([calls('/fail'), calls('/ask'), calls('/retry')]).toEqual([1, 4, 2]);
  }, 120_000);
});
