import type { RedriveJobView } from '../../src/dead-letters/dead-letter-view.ts';
import { Api } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { ScaledMillrace } from '../support/scaled-millrace.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

const TOTAL = 60;

describe('kill -9 of the worker amid what it gives up and redrives', () => {
  let millrace: ScaledMillrace;
  let sink: Sink;
  let isBroken = true;

  beforeAll(async () => {
    // Not 500, which opens the circuit of the destination.
    sink = await Sink.start(({ path }) => ({ status: isBroken && path === '/second' ? 400 : 200 }));
    millrace = await ScaledMillrace.start();
  }, 90_000);
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  }, 60_000);

  it('every failed execution has one dead letter, and each goes on once', async () => {
    const api = await Api.register(millrace.url);
    const post = (path: string): object => ({
      type: 'http.request',
      config: { method: 'POST', url: `${sink.url}${path}`, text: '{{ string(trigger.body) }}' },
    });
    const graph = manualGraph({ first: post('/first'), second: post('/second') }, ['start>first', 'first>second']);
    const workflowId = await api.create(graph);
    const start = (input: number) => api.send('POST', `/v1/workflows/${workflowId}/executions`, { json: { input } });
    const open = async (): Promise<number> => {
      const { body } = await api.send('GET', '/v1/dead-letters?limit=200');
      return (body as { items: unknown[] }).items.length;
    };
    await Promise.all(Array.from({ length: TOTAL }, (_, n) => start(n)));
    await until('some are set aside', async () => ((await open()) > 0 ? true : undefined));
    await millrace.killPart('worker');
    await millrace.startPart('worker');
    await until('all are set aside', async () => ((await open()) === TOTAL ? true : undefined), 60_000);

    // What is discarded while the projector is away is seen later, and says so.
    await millrace.killPart('projector');
    const { body } = await api.send('GET', '/v1/dead-letters?limit=1');
    const [letter] = (body as { items: readonly { id: string }[] }).items;
    expect((await api.send('POST', `/v1/dead-letters/${letter?.id}/discard`)).status).toBe(202);
    await millrace.startPart('projector');
    await until('it is seen', async () => ((await open()) === TOTAL - 1 ? true : undefined));

    isBroken = false;
    sink.calls.length = 0;
    const json = { filter: { workflowId }, perSecond: 20 };
    const job = (await api.send('POST', '/v1/dead-letters/redrive', { json })).body as RedriveJobView;
    expect(job).toMatchObject({ total: TOTAL - 1, status: 'running' });
    await until('some went on', async () => sink.calls[9]);
    await millrace.killPart('worker');
    await millrace.startPart('worker');
    const done = await until('the job is finished', async () => {
      const { body } = await api.send('GET', `/v1/dead-letters/redrives/${job.id}`);
      return (body as RedriveJobView).status === 'finished' ? (body as RedriveJobView) : undefined;
    });
    expect(done).toMatchObject({ redriven: TOTAL - 1, refused: 0 });
    const all = await until('all are over', async () => {
      const executions = await api.executions();
      const succeeded = executions.filter(({ status }) => status === 'succeeded');
      return succeeded.length === TOTAL - 1 ? executions : undefined;
    });
    expect(all).toHaveLength(2 * TOTAL - 1);
    expect(sink.calls.filter(({ path }) => path === '/first')).toEqual([]);
    expect(new Set(sink.calls.map(({ body }) => body)).size).toBe(TOTAL - 1);
    expect(await open()).toBe(0);
  }, 150_000);
});
