import { callThrough, expectAllFinishedOnce } from '../support/accepted-calls.ts';
import { Api } from '../support/api.ts';
import { bigOrders } from '../support/big-orders.ts';
import { ScaledMillrace } from '../support/scaled-millrace.ts';
import { Sink } from '../support/sink.ts';

/** Whether a workflow uses it can't be told while the read models do not follow. */
async function expectNotDeletable(api: Api, url: string): Promise<void> {
  const json = { name: 'Needed', type: 'http.bearer', data: { token: 'abc' } };
  const { id } = (await api.send('POST', '/v1/credentials', { json })).body as { id: string };
  const notify = { id: 'notify', type: 'http.request', config: { method: 'POST', url, credentialId: id } };
  const workflowId = ((await api.send('POST', '/v1/workflows', { json: using(notify) })).body as { id: string }).id;
  expect((await api.send('POST', `/v1/workflows/${workflowId}/activate`)).status).toBe(202);
  const refused = await api.send('DELETE', `/v1/credentials/${id}`);
  expect(refused).toMatchObject({ status: 503, body: { code: 'READ_MODEL_BEHIND' } });
  expect(refused.headers.get('retry-after')).toBe('1');
}

function using(notify: object): object {
  const nodes = [{ id: 'start', type: 'trigger.manual' }, notify];
  return { name: 'Using', nodes, connections: [{ from: 'start', to: 'notify' }] };
}

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
        await expectNotDeletable(api, sink.url);
        await millrace.startPart('projector');
      },
    });
    await expectAllFinishedOnce(api, sink, accepted);
    expect((await api.send('GET', '/v1/workflows?q=unseen')).body).toMatchObject({ items: [{ name: 'Unseen' }] });
  }, 120_000);
});
