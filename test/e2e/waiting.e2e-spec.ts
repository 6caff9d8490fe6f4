import { Api, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

const HOUR_MS = 3_600_000;

describe('executions that wait', () => {
  let millrace: LocalMillrace;
  let sink: Sink;
  let api: Api;
  let gone: string[] = [];
  const never = Promise.withResolvers<never>();

  beforeAll(async () => {
    [millrace, sink] = await Promise.all([
      startMillrace(),
      Sink.start(({ path }) => (path.startsWith('/silent') ? never.promise : { status: 200 }), {
        onGone: ({ path }) => gone.push(path),
      }),
    ]);
    api = await Api.register(millrace.url);
  }, 60_000);

  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  beforeEach(() => {
    gone = [];
  });

  const start = async (definition: object, input: unknown = null): Promise<string> => {
    const id = await api.create(definition);
    const { body } = await api.send('POST', `/v1/workflows/${id}/executions`, { json: { input } });
    return (body as { executionId: string }).executionId;
  };
  const read = async (id: string): Promise<Execution> =>
    (await api.send('GET', `/v1/executions/${id}`)).body as Execution;
  const waiting = (id: string): Promise<Execution> =>
    until(`${id} waits`, async () => {
      const execution = await read(id);
      return execution.status === 'waiting' ? execution : undefined;
    });
  const typesOf = async (id: string): Promise<string[]> => (await api.events(id)).map(({ type }) => type);
  const node = (type: string, config: object, more: object = {}): object => ({ type, config, ...more });

  describe('for time', () => {
    it('go on after a delay, and say until then what they wait for', async () => {
      const id = await start(manualGraph({ pause: node('wait.delay', { delayMs: 700 }) }, ['start>pause']));
      expect((await waiting(id)).waitingOn).toMatchObject({ kind: 'timer', nodeId: 'pause' });
      const { status, output, waitingOn } = await api.ended(id);
      expect({ status, waitingOn }).toEqual({ status: 'succeeded', waitingOn: null });
      expect((output as { waitedMs: number }).waitedMs).toBeGreaterThanOrEqual(700);
      expect(await typesOf(id)).toEqual([
        'ExecutionStarted',
        'NodeWaiting',
        'TimerFired',
        'NodeSucceeded',
        'ExecutionSucceeded',
      ]);
    });

    it('do not wait for an instant that is past', async () => {
      const id = await start(
        manualGraph({ pause: node('wait.until', { at: '{{ trigger.body.at }}' }) }, ['start>pause']),
        { at: '2020-01-01T00:00:00+01:00' },
      );
      expect(await api.ended(id)).toMatchObject({ status: 'succeeded' });
    });

    it('are timed out as a whole', async () => {
      const graph = { ...manualGraph({ pause: node('wait.delay', { delayMs: HOUR_MS }) }, ['start>pause']) };
      const id = await start({ ...graph, settings: { timeoutMs: 400 } });
      const execution = await api.ended(id);
      expect(execution).toMatchObject({
        status: 'timedOut',
        error: { code: 'EXECUTION_TIMEOUT', nodeId: 'pause' },
        waitingOn: null,
      });
      expect(execution.nodes.map(({ status }) => status)).toEqual(['succeeded', 'cancelled']);
    });
  });

  describe('for a signal', () => {
    const approval = (more: object = {}): object =>
      manualGraph({ approve: node('wait.signal', { name: 'approved', ...more }) }, ['start>approve']);
    const signal = (id: string, json: unknown, name = 'approved') =>
      api.send('POST', `/v1/executions/${id}/signals/${name}`, { json: json as object });

    it('go on with what was sent', async () => {
      const id = await start(approval());
      const { waitingOn } = await waiting(id);
      expect(waitingOn).toMatchObject({ kind: 'signal', nodeId: 'approve', name: 'approved', at: null });
      expect(await signal(id, { by: 'Ada' })).toMatchObject({ status: 202, body: { executionId: id } });
      expect(await api.ended(id)).toMatchObject({ status: 'succeeded', output: { by: 'Ada' } });
      expect(await signal(id, {})).toMatchObject({ status: 409, body: { code: 'EXECUTION_OVER' } });
    });

    it('take one that came before they waited', async () => {
      const graph = manualGraph(
        { pause: node('wait.delay', { delayMs: 500 }), approve: node('wait.signal', { name: 'approved' }) },
        ['start>pause', 'pause>approve'],
      );
      const id = await start(graph);
      await waiting(id);
      expect((await signal(id, { early: true })).status).toBe(202);
      expect(await api.ended(id)).toMatchObject({ status: 'succeeded', output: { early: true } });
    });

    it('fail, or go on, when none comes in time', async () => {
      const failing = await start(approval({ timeoutMs: 300 }));
      const going = await start(approval({ timeoutMs: 300, onTimeout: 'continue' }));
      expect(await api.ended(failing)).toMatchObject({ status: 'failed', error: { code: 'SIGNAL_TIMEOUT' } });
      expect(await api.ended(going)).toMatchObject({ status: 'succeeded', output: { timedOut: true } });
    });

    it('are resumed once by their URL, which nodes before them can send to somebody', async () => {
      const graph = manualGraph(
        {
          mail: node('http.request', {
            method: 'POST',
            url: `${sink.url}/mail`,
            json: { url: '{{ execution.resumeUrls.approve }}' },
          }),
          approve: node('wait.signal', { name: 'approved' }),
        },
        ['start>mail', 'mail>approve'],
      );
      const id = await start(graph);
      const { waitingOn } = await waiting(id);
      const resumeUrl = waitingOn?.kind === 'signal' ? waitingOn.resumeUrl : '';
      expect(JSON.parse(sink.calls.find(({ path }) => path === '/mail')?.body ?? '{}')).toEqual({ url: resumeUrl });
      const stranger = Api.withToken(millrace.url, 'none');
      const path = new URL(resumeUrl).pathname;
      const forged = `${path.slice(0, -1)}${path.endsWith('A') ? 'B' : 'A'}`;
      expect(await stranger.send('POST', forged, { json: {} })).toMatchObject({
        status: 404,
        body: { code: 'RESUME_URL_NOT_FOUND' },
      });
      expect((await stranger.send('POST', path, { json: { yes: true } })).status).toBe(202);
      expect(await api.ended(id)).toMatchObject({ status: 'succeeded', output: { yes: true } });
      expect(await stranger.send('POST', path, { json: {} })).toMatchObject({
        status: 409,
        body: { code: 'RESUME_URL_USED' },
      });
    });
  });

  describe('and are cancelled', () => {
    const cancel = (id: string) => api.send('POST', `/v1/executions/${id}/cancel`);

    it('drop their timers and go no further', async () => {
      const id = await start(manualGraph({ pause: node('wait.delay', { delayMs: 600 }) }, ['start>pause']));
      await waiting(id);
      expect(await cancel(id)).toMatchObject({ status: 202, body: { status: 'cancelled' } });
      expect(await read(id)).toMatchObject({ status: 'cancelled', error: null, cancelReason: null, waitingOn: null });
      expect(await cancel(id)).toMatchObject({ status: 202, body: { status: 'cancelled' } });
      const events = await api.events(id);
      expect(events.slice(-2)).toMatchObject([
        { type: 'ExecutionCancelRequested', actor: { type: 'user' } },
        { type: 'ExecutionCancelled' },
      ]);
    });

    it('tell a node that runs, whose late result changes nothing', async () => {
      const call = node('http.request', { method: 'GET', url: `${sink.url}/silent` });
      const id = await start(manualGraph({ call }, ['start>call']));
      await until('the call came', async () => sink.calls.find(({ path }) => path === '/silent'));
      expect((await cancel(id)).status).toBe(202);
      await until('the caller is gone', async () => gone.find((path) => path === '/silent'));
      expect(await read(id)).toMatchObject({ status: 'cancelled' });
    });
  });
});
