import { Api, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { Sink } from '../support/sink.ts';

describe('an execution as it was', () => {
  let millrace: LocalMillrace;
  let sink: Sink;
  let api: Api;
  let execution: Execution;

  beforeAll(async () => {
    sink = await Sink.start((_call, nth) => ({ status: nth === 1 ? 503 : 200 }));
    millrace = await startMillrace();
    api = await Api.register(millrace.url);
    const retry = { maxAttempts: 2, backoff: 'fixed', initialMs: 1_000 };
    const send = { type: 'http.request', config: { method: 'POST', url: `${sink.url}/x` }, retry };
    const shape = { type: 'set', config: { values: { status: '{{ nodes.send.output.status }}' } } };
    const id = await api.create(manualGraph({ send, shape }, ['start>send', 'send>shape']));
    const options = { json: { input: { n: 1 } }, headers: { prefer: 'wait=30' } };
    execution = (await api.send('POST', `/v1/workflows/${id}/executions`, options)).body as Execution;
  }, 60_000);
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  const stateAt = (version: number | string, of = execution.id) =>
    api.send('GET', `/v1/executions/${of}/state?version=${version}`);

  it('is shown after each event of its history', async () => {
    const events = await api.events(execution.id);
    const states = await Promise.all(events.map(async ({ version }) => (await stateAt(version)).body as Execution));
    const seen = events.map(({ type }, index) => {
      const send = states[index]?.nodes.find(({ nodeId }) => nodeId === 'send');
      return [type, states[index]?.status, send?.status, send?.attempts];
    });
    expect(seen).toEqual([
      ['ExecutionStarted', 'queued', undefined, undefined],
      ['NodeScheduled', 'running', 'scheduled', 1],
      ['NodeRetryScheduled', 'waiting', 'retrying', 1],
      ['NodeScheduled', 'running', 'scheduled', 2],
      ['NodeSucceeded', 'running', 'succeeded', 2],
      ['NodeSucceeded', 'running', 'succeeded', 2],
      ['ExecutionSucceeded', 'succeeded', 'succeeded', 2],
    ]);
    expect(states[2]).toMatchObject({ output: null, finishedAt: null, waitingOn: { kind: 'retry', nodeId: 'send' } });
    expect(states.at(-1)).toEqual((await api.send('GET', `/v1/executions/${execution.id}`)).body);
  });

  it('is not known before its first event, nor after its last', async () => {
    const missing = { status: 404, body: { code: 'EXECUTION_VERSION_NOT_FOUND' } };
    expect(await stateAt(8)).toMatchObject(missing);
    expect(await stateAt(8)).toMatchObject({ body: { detail: expect.stringContaining('7 events') as unknown } });
    for (const version of ['0', '-1', '1.5', 'x', ''])
      expect(await stateAt(version)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    const stranger = await Api.register(millrace.url);
    const path = `/v1/executions/${execution.id}/state?version=1`;
    expect(await stranger.send('GET', path)).toMatchObject({ status: 404, body: { code: 'EXECUTION_NOT_FOUND' } });
  });
});
