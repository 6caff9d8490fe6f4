import { Api, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { ScaledMillrace } from '../support/scaled-millrace.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

describe('a running execution', () => {
  let millrace: ScaledMillrace;
  let sink: Sink;
  /** While it is, the sink refuses calls in a way that is worth another attempt. */
  let closed = true;

  beforeAll(async () => {
    sink = await Sink.start(() => ({ status: closed ? 503 : 200 }));
    millrace = await ScaledMillrace.start();
  }, 90_000);

  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  }, 60_000);

  const call = (path: string): object => ({
    type: 'http.request',
    config: { method: 'GET', url: `${sink.url}${path}` },
    retry: { maxAttempts: 100, backoff: 'fixed', initialMs: 1_000, jitter: false },
  });
  const end = (values: object): object => ({ type: 'set', config: { values } });
  const pathsOf = ({ nodes }: Execution): string[] => nodes.map(({ nodeId }) => nodeId);

  it('keeps its version to the end, while another shape is activated and every process dies', async () => {
    const api = await Api.register(millrace.url);
    const first = manualGraph({ wait: call('/first'), old: end({ version: '{{ workflow.version }}' }) }, [
      'start>wait',
      'wait>old',
    ]);
    const second = manualGraph({ other: call('/second'), wait: end({ version: 2 }) }, ['start>other', 'other>wait']);
    const id = await api.create(first);
    await api.send('POST', `/v1/workflows/${id}/activate`);
    const { body } = await api.send('POST', `/v1/workflows/${id}/executions`);
    const { executionId } = body as { executionId: string };
    await until('it waits for another attempt', async () => {
      const { body: now } = await api.send('GET', `/v1/executions/${executionId}`);
      return (now as Execution).waitingOn?.kind === 'retry' ? true : undefined;
    });

    const changed = await api.send('PUT', `/v1/workflows/${id}`, { json: second, headers: { 'if-match': '"1"' } });
    expect(changed).toMatchObject({ body: { version: 2, activeVersion: 1 } });
    const activated = await api.send('POST', `/v1/workflows/${id}/activate`);
    expect(activated).toMatchObject({ body: { activeVersion: 2 } });
    for (const part of ['worker', 'api', 'projector'] as const) await millrace.killPart(part);
    for (const part of ['projector', 'api', 'worker'] as const) await millrace.startPart(part);
    closed = false;

    const ended = await api.ended(executionId);
    expect(ended).toMatchObject({ status: 'succeeded', workflowVersion: 1, output: { version: 1 } });
    expect(pathsOf(ended)).toEqual(['start', 'wait', 'old']);
    const started = await api.send('POST', `/v1/workflows/${id}/executions`, { headers: { prefer: 'wait=20' } });
    expect(started).toMatchObject({ status: 200, body: { workflowVersion: 2, output: { version: 2 } } });
    expect(pathsOf(started.body as Execution)).toEqual(['start', 'other', 'wait']);
  }, 120_000);
});
