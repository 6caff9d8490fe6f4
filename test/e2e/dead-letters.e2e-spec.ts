import { Client } from 'pg';
import { DeadLetterLog, type DeadLetterFact } from '#libs/dead-letters';
import { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';
import type { DeadLetterView, RedriveJobView } from '../../src/dead-letters/dead-letter-view.ts';
import { Api, type Execution, type Reply } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { Sink, type SinkAnswer } from '../support/sink.ts';
import { until } from '../support/until.ts';

describe('work that was given up', () => {
  let millrace: LocalMillrace;
  let sink: Sink;
  let api: Api;
  /** Paths whose caller is answered 500, or 400 at `/bad`. */
  const broken = new Set<string>();

  beforeAll(async () => {
    // Many failures at `/bad` must not open the circuit of their destination, so the fault is the caller's there.
    const statusOf = (path: string): number => (!broken.has(path) ? 200 : path === '/bad' ? 400 : 500);
    const answer: SinkAnswer = ({ path }) => ({ status: statusOf(path), body: JSON.stringify({ path }) });
    [millrace, sink] = await Promise.all([startMillrace(), Sink.start(answer)]);
  }, 60_000);
  beforeEach(async () => {
    broken.clear();
    sink.calls.length = 0;
    api = await Api.register(millrace.url);
  });
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  const record = async (fact: DeadLetterFact): Promise<void> => {
    await using connection = await JetStreamConnection.open({ servers: [millrace.nats.url], name: 'a story' });
    await using publisher = new JetStreamPublisher(connection);
    await new DeadLetterLog(publisher).record(fact);
  };
  /** Rows as the projector writes them; nothing is in the log behind them. */
  const insertOpen = async (workspaceId: string, count: number): Promise<void> => {
    const client = new Client({ connectionString: millrace.databaseUrl });
    await client.connect();
    await client.query(
      `insert into dead_letters (id, workspace_id, workflow_id, node_id, code, status, created_at, record)
       select 'dl_' || right($1, 8) || n, $1, 'wf_1', 'a', 'MANY', 'open', now(), '{"status":"discarded","redrivenAs":null}' from generate_series(1, $2::int) n`,
      [workspaceId, count],
    );
    await client.end();
  };
  const post = (path: string): object => ({
    type: 'http.request',
    config: { method: 'POST', url: `${sink.url}${path}`, json: { order: '{{ trigger.body.order }}' } },
    retry: { maxAttempts: 2, backoff: 'fixed', initialMs: 5, jitter: false },
  });
  const callsTo = (path: string): number => sink.calls.filter((one) => one.path === path).length;
  const start = async (workflowId: string, order: string): Promise<Execution> => {
    const { body } = await api.send('POST', `/v1/workflows/${workflowId}/executions`, { json: { input: { order } } });
    return api.ended((body as { executionId: string }).executionId);
  };
  const letters = async (query = ''): Promise<DeadLetterView[]> => {
    const { status, body } = await api.send('GET', `/v1/dead-letters${query}`);
    expect(status).toBe(200);
    return (body as { items: DeadLetterView[] }).items;
  };
  const letterOf = (executionId: string): Promise<DeadLetterView> =>
    until(`${executionId} has a dead letter`, async () =>
      (await letters('?limit=200')).find((one) => one.executionId === executionId),
    );
  const read = async (id: string): Promise<DeadLetterView> =>
    (await api.send('GET', `/v1/dead-letters/${id}`)).body as DeadLetterView;
  const redrive = (id: string): Promise<Reply> => api.send('POST', `/v1/dead-letters/${id}/redrive`);
  const finished = (job: RedriveJobView): Promise<RedriveJobView> =>
    until('the job is finished', async () => {
      const { body } = await api.send('GET', `/v1/dead-letters/redrives/${job.id}`);
      return (body as RedriveJobView).status === 'finished' ? (body as RedriveJobView) : undefined;
    });
  /** `first` succeeds, `second` fails for good. */
  const failedOrder = async (): Promise<{ workflowId: string; execution: Execution }> => {
    broken.add('/second');
    const graph = manualGraph({ first: post('/first'), second: post('/second') }, ['start>first', 'first>second']);
    const workflowId = await api.create(graph);
    return { workflowId, execution: await start(workflowId, 'A-17') };
  };

  it('says why, after how many attempts, what it was to do, and where its history is', async () => {
    const { workflowId, execution } = await failedOrder();
    const { id } = await letterOf(execution.id);
    const letter = await read(id);
    expect(letter).toMatchObject({
      id: expect.stringMatching(/^dl_/) as string,
      kind: 'failed',
      executionId: execution.id,
      workflowId,
      workflowVersion: 1,
      nodeId: 'second',
      nodeType: 'http.request',
      reason: { code: 'HTTP_STATUS', details: { status: 500 } },
      attempts: 2,
      payload: { method: 'POST', url: `${sink.url}/second`, json: { order: 'A-17' } },
      status: 'open',
      redrivenAs: null,
    });
    expect((await api.send('GET', letter.history)).status).toBe(200);
    expect(await letters()).toEqual([{ ...letter, payload: null }]);
  });

  it('goes on after the cause was mended, and what was done before is not done again', async () => {
    const { execution } = await failedOrder();
    const { id } = await letterOf(execution.id);
    broken.clear();
    const { status, headers, body } = await redrive(id);
    const { executionId } = body as { executionId: string };
    expect([status, headers.get('location')]).toEqual([202, `/v1/executions/${executionId}`]);
    const again = await api.ended(executionId);
    expect(again).toMatchObject({
      status: 'succeeded',
      workflowVersion: 1,
      trigger: { type: 'redrive', nodeId: 'start' },
      input: execution.input,
      output: { body: { path: '/second' } },
    });
    expect([callsTo('/first'), callsTo('/second')]).toEqual([1, 3]);
    expect(again.nodes.map(({ nodeId, status }) => [nodeId, status])).toEqual([
      ['start', 'succeeded'],
      ['first', 'succeeded'],
      ['second', 'succeeded'],
    ]);
    const [started] = await api.events(executionId);
    expect(started).toMatchObject({
      data: { origin: { kind: 'redrive', executionId: execution.id, deadLetterId: id } },
      actor: { type: 'user' },
    });
    expect(await read(id)).toMatchObject({ status: 'redriven', redrivenAs: executionId });
    expect(await letters()).toEqual([]);
    expect((await letters('?status=redriven')).map((one) => one.id)).toEqual([id]);
  });

  it('is redriven once, however often it is asked for', async () => {
    const { execution } = await failedOrder();
    const { id } = await letterOf(execution.id);
    broken.clear();
    const replies = await Promise.all([redrive(id), redrive(id), redrive(id)]);
    const ids = new Set(
      [...replies, await redrive(id)].map(({ body }) => (body as { executionId: string }).executionId),
    );
    expect(ids.size).toBe(1);
    await api.ended([...ids][0] ?? '');
    expect(callsTo('/second')).toBe(3);
    await until('both executions are listed', async () => ((await api.executions()).length === 2 ? true : undefined));
  });

  it('that fails again has another dead letter', async () => {
    const { execution } = await failedOrder();
    const first = await letterOf(execution.id);
    const { executionId } = (await redrive(first.id)).body as { executionId: string };
    const second = await letterOf(executionId);
    expect(second).toMatchObject({ status: 'open', nodeId: 'second', attempts: 2 });
    expect(second.id).not.toBe(first.id);
    expect(callsTo('/first')).toBe(1);
  });

  it('keeps what parallel branches had done, also what the flow survived and what is too large for events', async () => {
    broken.add('/bad').add('/survived');
    const large = { type: 'set', config: { values: { text: '{{ trigger.body.order }}' } } };
    const graph = manualGraph(
      {
        large,
        survived: { ...post('/survived'), onError: 'branch' },
        handled: post('/handled'),
        bad: post('/bad'),
        skipped: post('/skipped'),
      },
      ['start>large', 'large>survived', 'survived:error>handled', 'survived>skipped', 'handled>bad', 'skipped>bad'],
    );
    const execution = await start(await api.create(graph), 'x'.repeat(70_000));
    expect(execution.status).toBe('failed');
    const { id } = await letterOf(execution.id);
    broken.clear();
    const { executionId } = (await redrive(id)).body as { executionId: string };
    const again = await api.ended(executionId);
    expect(again.status).toBe('succeeded');
    expect(again.nodes.map(({ nodeId, status }) => [nodeId, status])).toEqual([
      ['start', 'succeeded'],
      ['large', 'succeeded'],
      ['survived', 'failed'],
      ['handled', 'succeeded'],
      ['bad', 'succeeded'],
      ['skipped', 'skipped'],
    ]);
    expect(again.nodes[1]?.output).toEqual({ text: 'x'.repeat(70_000) });
    expect(['/survived', '/handled', '/bad', '/skipped'].map(callsTo)).toEqual([2, 1, 2, 0]);
  });

  it('of a node that the engine computes has no payload, and can be redriven as well', async () => {
    const graph = manualGraph({ a: { type: 'set', config: { values: { n: '{{ trigger.body.no.such }}' } } } }, [
      'start>a',
    ]);
    const execution = await start(await api.create(graph), 'A-17');
    const { id } = await letterOf(execution.id);
    expect(await read(id)).toMatchObject({
      reason: { code: 'EXPRESSION_FAILED' },
      nodeType: 'set',
      attempts: 1,
      payload: null,
    });
    const { executionId } = (await redrive(id)).body as { executionId: string };
    expect((await api.ended(executionId)).status).toBe('failed');
  });

  it('is none when the execution survives its failure', async () => {
    broken.add('/bad');
    const graph = manualGraph({ bad: { ...post('/bad'), onError: 'continue' } }, ['start>bad']);
    expect((await start(await api.create(graph), 'A-17')).status).toBe('succeeded');
    const { execution } = await failedOrder();
    await letterOf(execution.id);
    expect(await letters()).toHaveLength(1);
  });

  it('is discarded, and stays so', async () => {
    const { execution } = await failedOrder();
    const { id } = await letterOf(execution.id);
    const discard = (): Promise<Reply> => api.send('POST', `/v1/dead-letters/${id}/discard`);
    expect((await discard()).status).toBe(204);
    expect(await letters()).toEqual([]);
    expect((await letters('?status=discarded')).map((one) => one.id)).toEqual([id]);
    expect((await discard()).status).toBe(204);
    expect(await redrive(id)).toMatchObject({ status: 409, body: { code: 'DEAD_LETTER_SETTLED' } });
  });

  it('that was redriven can not be discarded', async () => {
    const { execution } = await failedOrder();
    const { id } = await letterOf(execution.id);
    await redrive(id);
    const reply = await api.send('POST', `/v1/dead-letters/${id}/discard`);
    expect(reply).toMatchObject({ status: 409, body: { code: 'DEAD_LETTER_SETTLED' } });
  });

  it('of a deleted workflow is not done any more', async () => {
    const { execution, workflowId } = await failedOrder();
    const { id } = await letterOf(execution.id);
    expect((await api.send('DELETE', `/v1/workflows/${workflowId}`)).status).toBe(204);
    expect(await redrive(id)).toMatchObject({ status: 409, body: { code: 'WORKFLOW_DELETED' } });
    expect((await read(id)).status).toBe('open');
  });

  it('whose history is no longer kept can not go on', async () => {
    const { execution } = await failedOrder();
    const known = await letterOf(execution.id);
    const { body } = await api.send('GET', '/v1/me');
    const { workspace } = body as { workspace: { id: string } };
    const { id, workflowId, workflowVersion, nodeId, nodeType } = { ...known, id: 'dl_without_history' };
    await record({
      type: 'DeadLettered',
      ...{ id, workspaceId: workspace.id, executor: 'http', at: known.createdAt, kind: 'failed' },
      ...{ executionId: 'ex_gone', workflowId, workflowVersion, nodeId, nodeType, attempts: 1 },
      ...{ error: { code: 'HTTP_STATUS', message: 'the server answered 500' }, task: null },
    });
    expect(await letterOf('ex_gone')).toMatchObject({ id });
    expect(await read(id)).toMatchObject({ payload: null });
    expect(await redrive(id)).toMatchObject({ status: 409, body: { code: 'HISTORY_GONE' } });
  });

  it('is found by workflow, node, code and time, newest first, by pages', async () => {
    const one = await failedOrder();
    const first = await letterOf(one.execution.id);
    const other = await failedOrder();
    const second = await letterOf(other.execution.id);
    const idsOf = async (query: string): Promise<string[]> => (await letters(query)).map(({ id }) => id);
    expect(await idsOf('')).toEqual([second.id, first.id]);
    expect(await idsOf(`?workflowId=${one.workflowId}`)).toEqual([first.id]);
    expect(await idsOf('?nodeId=second&code=HTTP_STATUS')).toEqual([second.id, first.id]);
    expect(await idsOf('?nodeId=first')).toEqual([]);
    expect(await idsOf('?code=OTHER')).toEqual([]);
    expect(await idsOf(`?from=${second.createdAt}`)).toEqual([second.id]);
    expect(await idsOf(`?to=${second.createdAt}`)).toEqual([first.id]);
    const page = (await api.send('GET', '/v1/dead-letters?limit=1')).body as { nextCursor: string };
    expect(await idsOf(`?limit=1&cursor=${page.nextCursor}`)).toEqual([first.id]);
  });

  describe('much of it', () => {
    const failedOrders = async (count: number): Promise<string> => {
      broken.add('/bad');
      const workflowId = await api.create(
        manualGraph({ bad: { ...post('/bad'), retry: { maxAttempts: 1 } } }, ['start>bad']),
      );
      await Promise.all(Array.from({ length: count }, (_, n) => start(workflowId, `A-${n}`)));
      await until('all are set aside', async () => ((await letters('?limit=200')).length === count ? true : undefined));
      sink.calls.length = 0;
      broken.clear();
      return workflowId;
    };

    it('is redriven at no more than the rate asked for, and the job tells how far it is', async () => {
      const workflowId = await failedOrders(20);
      const asked = performance.now();
      const reply = await api.send('POST', '/v1/dead-letters/redrive', {
        json: { filter: { workflowId }, perSecond: 20 },
      });
      const job = reply.body as RedriveJobView;
      expect(reply).toMatchObject({ status: 202, body: { status: 'running', total: 20, isCut: false, perSecond: 20 } });
      expect(reply.headers.get('location')).toBe(`/v1/dead-letters/redrives/${job.id}`);
      expect(await finished(job)).toMatchObject({ total: 20, redriven: 20, refused: 0 });
      expect(performance.now() - asked).toBeGreaterThanOrEqual(950);
      await until('each went on once', async () => (callsTo('/bad') === 20 ? true : undefined));
      expect(await letters()).toEqual([]);
    });

    it('but not what was discarded meanwhile', async () => {
      await failedOrders(3);
      const [newest] = await letters();
      const job = (await api.send('POST', '/v1/dead-letters/redrive', { json: { filter: {}, perSecond: 1 } }))
        .body as RedriveJobView;
      expect((await api.send('POST', `/v1/dead-letters/${newest?.id}/discard`)).status).toBe(204);
      expect(await finished(job)).toMatchObject({ total: 3, redriven: 2, refused: 1 });
    });

    it.each([
      [10_000, false],
      [10_001, true],
    ])('%d are more than one job takes: %s', async (count, isCut) => {
      const { body } = await api.send('GET', '/v1/me');
      await insertOpen((body as { workspace: { id: string } }).workspace.id, count);
      const json = { filter: { code: 'MANY' }, perSecond: 1 };
      const reply = await api.send('POST', '/v1/dead-letters/redrive', { json });
      expect(reply).toMatchObject({ status: 202, body: { total: 10_000, isCut } });
    });

    it('the same request under one Idempotency-Key is one job', async () => {
      await failedOrders(1);
      const ask = (): Promise<Reply> =>
        api.send('POST', '/v1/dead-letters/redrive', { json: { filter: {} }, headers: { 'idempotency-key': 'all' } });
      const [one, other] = [await ask(), await ask()];
      expect(one).toMatchObject({ status: 202, body: { perSecond: 10 } });
      expect((one.body as RedriveJobView).id).toBe((other.body as RedriveJobView).id);
    });

    it.each<[string, object]>([
      ['no filter', {}],
      ['a rate below 1', { filter: {}, perSecond: 0 }],
      ['a rate above 100', { filter: {}, perSecond: 101 }],
      ['what is not open', { filter: { status: 'redriven' } }],
      ['another field', { filter: {}, all: true }],
    ])('is not redriven for a request with %s', async (_, json) => {
      const reply = await api.send('POST', '/v1/dead-letters/redrive', { json });
      expect(reply).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
    });

    it.each([1, 100])('is redriven at %d a second', async (perSecond) => {
      const reply = await api.send('POST', '/v1/dead-letters/redrive', {
        json: { filter: { nodeId: 'none' }, perSecond },
      });
      expect(reply.status).toBe(202);
      expect(await finished(reply.body as RedriveJobView)).toMatchObject({ total: 0, redriven: 0 });
    });
  });

  it.each([
    '/v1/dead-letters/dl_1',
    '/v1/dead-letters/x',
    '/v1/dead-letters/redrives/rdr_1',
    '/v1/dead-letters/redrives/x',
  ])('there is none at %s', async (path) => {
    expect((await api.send('GET', path)).status).toBe(404);
  });

  it('of another workspace is not there', async () => {
    const { execution } = await failedOrder();
    const { id } = await letterOf(execution.id);
    const job = (await api.send('POST', '/v1/dead-letters/redrive', { json: { filter: { nodeId: 'none' } } }))
      .body as RedriveJobView;
    const other = await Api.register(millrace.url);
    const replies = await Promise.all([
      other.send('GET', `/v1/dead-letters/${id}`),
      other.send('POST', `/v1/dead-letters/${id}/redrive`),
      other.send('POST', `/v1/dead-letters/${id}/discard`),
      other.send('GET', `/v1/dead-letters/redrives/${job.id}`),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect(((await other.send('GET', '/v1/dead-letters')).body as { items: unknown[] }).items).toEqual([]);
  });
});
