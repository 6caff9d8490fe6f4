import { Api } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { until } from '../support/until.ts';
import { World } from '../support/openapi/world.ts';

interface Queue {
  readonly name: string;
  readonly ready: number;
  readonly inFlight: number;
  readonly oldestReadyAgeMs: number | null;
  readonly completedPerMinute: number;
  readonly failedPerMinute: number;
  readonly paused: boolean;
}

describe('queues', () => {
  let millrace: LocalMillrace;
  let api: Api;

  beforeAll(async () => {
    millrace = await startMillrace();
    api = await Api.register(millrace.url);
  }, 60_000);
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
  });

  const queue = async (name: string): Promise<Queue> => {
    const { status, body } = await api.send('GET', '/v1/queues');
    expect(status).toBe(200);
    const found = (body as { items: Queue[] }).items.find((one) => one.name === name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  };
  const told = (name: string, what: 'pause' | 'resume') => api.send('POST', `/v1/queues/${name}/${what}`);
  const workflow = (priority: string): Promise<string> =>
    api.create({ ...manualGraph({ rest: { type: 'noop' } }, ['start>rest']), settings: { priority } });
  const start = async (workflowId: string): Promise<string> => {
    const { status, body } = await api.send('POST', `/v1/workflows/${workflowId}/executions`, { json: {} });
    expect(status).toBe(202);
    return (body as { executionId: string }).executionId;
  };
  const statusOf = async (id: string): Promise<string> =>
    ((await api.send('GET', `/v1/executions/${id}`)).body as { status: string }).status;

  it('are the lanes of starts and the executor classes, all on one page', async () => {
    const { body } = await api.send('GET', '/v1/queues');
    const { items, nextCursor } = body as { items: Queue[]; nextCursor: null };
    expect(items.map((one) => one.name)).toEqual(
      expect.arrayContaining(['start.high', 'start.normal', 'start.low', 'http', 'noop']),
    );
    expect(nextCursor).toBeNull();
  });

  it('hold back what waits in a paused lane and nothing else, and let it go when it is resumed', async () => {
    const [low, high] = [await workflow('low'), await workflow('high')];
    expect(await told('start.low', 'pause')).toMatchObject({ status: 204, text: '' });
    expect(await told('start.low', 'pause')).toMatchObject({ status: 204 });
    const [waiting, passing] = [await start(low), await start(high)];
    await until('the other lane goes on', async () => ((await statusOf(passing)) === 'succeeded' ? true : undefined));
    await until('it is queued', async () => ((await queue('start.low')).ready === 1 ? true : undefined));
    const held = await queue('start.low');
    expect(held.paused).toBe(true);
    expect(held.oldestReadyAgeMs).toBeGreaterThanOrEqual(0);
    expect(await statusOf(waiting)).toBe('queued');
    expect(await told('start.low', 'resume')).toMatchObject({ status: 204 });
    await until('it is through', async () => ((await statusOf(waiting)) === 'succeeded' ? true : undefined));
    expect(await queue('start.low')).toMatchObject({ ready: 0, paused: false, oldestReadyAgeMs: null });
  });

  it('hold back the attempts of a paused executor class', async () => {
    const id = await workflow('normal');
    await told('noop', 'pause');
    const execution = await start(id);
    await until('it is queued', async () => ((await queue('noop')).ready === 1 ? true : undefined));
    expect(await statusOf(execution)).toBe('running');
    await told('noop', 'resume');
    await until('it is through', async () => ((await statusOf(execution)) === 'succeeded' ? true : undefined));
  });

  it('tell what workers did within the last minute, also of what was never queued', async () => {
    const execution = await start(await workflow('high'));
    await until('it is through', async () => ((await statusOf(execution)) === 'succeeded' ? true : undefined));
    await until('the worker has told', async () => {
      const [lane, executor] = [await queue('start.high'), await queue('noop')];
      return lane.completedPerMinute > 0 && executor.completedPerMinute > 0 ? true : undefined;
    });
  });

  it.each(['pause', 'resume'] as const)('that there are not can not be told to %s', async (what) => {
    for (const name of ['start', 'start.urgent', 'fax', '%00', 'start.low%2f'])
      expect(await told(name, what)).toMatchObject({ status: 404, body: { code: 'QUEUE_NOT_FOUND' } });
  });

  it('are for owners', async () => {
    const world = await World.create(millrace);
    for (const role of ['editor', 'viewer', 'auditor'] as const) {
      const member = Api.withToken(millrace.url, world.tokenOf(role));
      for (const [method, path] of [
        ['GET', '/v1/queues'],
        ['POST', '/v1/queues/http/pause'],
        ['POST', '/v1/queues/http/resume'],
      ] as const)
        expect(await member.send(method, path)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    }
  });
});
