import type { JetStreamManager } from '@nats-io/jetstream';
import { Archiver } from '#libs/execution-archive';
import type { JsonValue } from '#libs/kernel';
import type { BulkJobView } from '../../src/bulk/bulk-job-view.ts';
import { EXECUTION_LOG, LOG_MANAGER, type ExecutionLog } from '../../src/platform/nats/tokens.ts';
import { Api, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { Sink } from '../support/sink.ts';
import { until } from '../support/until.ts';

describe('many executions at once', () => {
  let millrace: LocalMillrace;
  let sink: Sink;
  let api: Api;
  let isBroken = true;

  beforeAll(async () => {
    sink = await Sink.start(() => ({ status: isBroken ? 400 : 200 }));
    millrace = await startMillrace();
  }, 60_000);
  beforeEach(async () => {
    isBroken = true;
    sink.calls.length = 0;
    api = await Api.register(millrace.url);
  });
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
    await sink[Symbol.asyncDispose]();
  });

  const begin = async (json: JsonValue, path = '/v1/executions/bulk'): Promise<BulkJobView> => {
    const { status, headers, body } = await api.send('POST', path, { json });
    const job = body as BulkJobView;
    expect([status, headers.get('location')]).toEqual([202, `/v1/executions/bulk/${job.id}`]);
    return job;
  };
  const over = ({ id }: BulkJobView): Promise<BulkJobView> =>
    until('the job is over', async () => {
      const job = (await api.send('GET', `/v1/executions/bulk/${id}`)).body as BulkJobView;
      return job.status === 'running' ? undefined : job;
    });
  const start = async (workflowId: string, count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) {
      const { body } = await api.send('POST', `/v1/workflows/${workflowId}/executions`, { json: { input: { n } } });
      ids.push((body as { executionId: string }).executionId);
    }
    return ids;
  };
  const listed = (query: string, count: number): Promise<Execution[]> =>
    until(`the list has ${count} of ${query}`, async () => {
      const { items } = (await api.send('GET', `/v1/executions?limit=200&${query}`)).body as { items: Execution[] };
      return items.length === count ? items : undefined;
    });
  const waiting = (): object => manualGraph({ wait: { type: 'wait.signal', config: { name: 'go' } } }, ['start>wait']);
  const sending = (): object => {
    const send = { type: 'http.request', config: { method: 'POST', url: `${sink.url}/x` }, retry: { maxAttempts: 1 } };
    return manualGraph({ before: { type: 'noop' }, send }, ['start>before', 'before>send']);
  };

  it('are cancelled, those that match and no other', async () => {
    const [workflowId, other] = [await api.create(waiting()), await api.create(waiting())];
    await start(workflowId, 5);
    await start(other, 1);
    await listed('status=waiting', 6);
    const job = await over(await begin({ action: 'cancel', filter: { workflowId }, perSecond: 100 }));
    expect(job).toMatchObject({
      status: 'finished',
      action: 'cancel',
      total: 5,
      done: 5,
      refused: 0,
      secondsLeft: null,
    });
    await listed(`workflowId=${workflowId}&status=cancelled`, 5);
    await listed('status=waiting', 1);
  });

  it('are retried once each, in new executions', async () => {
    const workflowId = await api.create(sending());
    const failed = await start(workflowId, 4);
    await listed('status=failed', 4);
    isBroken = false;
    const job = await over(await begin({ action: 'retry', filter: { workflowId, status: 'failed' }, perSecond: 100 }));
    expect(job).toMatchObject({ total: 4, done: 4, refused: 0, isCut: false, dryRun: false });
    const again = await listed(`workflowId=${workflowId}&status=succeeded`, 4);
    expect(again.map(({ forkedFrom }) => forkedFrom).sort()).toEqual(failed.sort());
    expect(sink.calls).toHaveLength(8);
  });

  it('are only counted in a dry run, with what would be refused', async () => {
    const [workflowId, gone] = [await api.create(sending()), await api.create(sending())];
    await start(workflowId, 2);
    const [refused] = await start(gone, 1);
    await listed('status=failed', 3);
    expect((await api.send('DELETE', `/v1/workflows/${gone}`)).status).toBe(204);
    const job = await over(await begin({ action: 'retry', filter: {}, dryRun: true, perSecond: 100 }));
    expect(job).toMatchObject({
      dryRun: true,
      total: 3,
      done: 2,
      refused: 1,
      refusals: [{ executionId: refused, code: 'WORKFLOW_DELETED' }],
    });
    await listed('status=failed', 3);
    expect(await api.executions()).toHaveLength(3);
  });

  it('are left alone when the job is cancelled', async () => {
    const workflowId = await api.create(waiting());
    await start(workflowId, 20);
    await listed('status=waiting', 20);
    const job = await begin({ action: 'cancel', filter: {}, perSecond: 1 });
    expect((await api.send('POST', `/v1/executions/bulk/${job.id}/cancel`)).status).toBe(202);
    const ended = await over(job);
    expect(ended.status).toBe('cancelled');
    expect(ended.done).toBeLessThan(20);
  });

  it('are refused where the request makes no sense, and to others', async () => {
    const refused = async (json: JsonValue, path: string): Promise<void> => {
      expect(await api.send('POST', '/v1/executions/bulk', { json })).toMatchObject({
        status: 400,
        body: { errors: [{ path }] },
      });
    };
    await refused({ action: 'cancel', filter: { status: 'failed' } }, 'filter.status');
    await refused({ action: 'cancel', filter: {}, from: 'a' }, 'action');
    await refused({ action: 'delete', filter: {} }, 'action');
    await refused({ action: 'retry', filter: { status: 'failed', what: 1 } }, 'filter.what');
    const job = await begin({ action: 'cancel', filter: {} });
    const stranger = await Api.register(millrace.url);
    expect(await stranger.send('GET', `/v1/executions/bulk/${job.id}`)).toMatchObject({
      status: 404,
      body: { code: 'JOB_NOT_FOUND' },
    });
    expect(await stranger.send('POST', `/v1/executions/bulk/${job.id}/cancel`)).toMatchObject({ status: 404 });
  });

  describe('calls of a webhook', () => {
    const hook = { name: 'Hook', nodes: [{ id: 'call', type: 'trigger.webhook', config: {} }], connections: [] };
    const called = async (count: number): Promise<{ webhookId: string; from: string }> => {
      const { id, hook: path } = await api.activate(hook);
      const from = new Date().toISOString();
      for (let n = 0; n < count; n++) expect((await api.hook(path, { n })).status).toBe(202);
      await listed(`workflowId=${id}&status=succeeded`, count);
      const { body } = await api.send('GET', `/v1/workflows/${id}/webhooks`);
      return { webhookId: (body as { items: [{ id: string }] }).items[0].id, from };
    };

    it('are fed to a workflow that was not there, once each', async () => {
      const { webhookId, from } = await called(6);
      const shape = { type: 'set', config: { values: { n: '{{ trigger.body.n }}' } } };
      const workflowId = await api.create(manualGraph({ shape }, ['start>shape']));
      const path = `/v1/workflows/${workflowId}/backfill`;
      expect(await over(await begin({ webhookId, from, dryRun: true, perSecond: 100 }, path))).toMatchObject({
        total: 6,
        done: 6,
      });
      const job = await over(await begin({ webhookId, from, perSecond: 100 }, path));
      expect(job).toMatchObject({ action: 'backfill', total: 6, done: 6, refused: 0, isCut: false, nextFrom: null });
      const fed = await listed(`workflowId=${workflowId}&status=succeeded`, 6);
      expect(fed.map(({ output }) => (output as { n: number }).n).sort()).toEqual([0, 1, 2, 3, 4, 5]);
      expect(fed.every(({ redeliveryOf, trigger }) => redeliveryOf !== null && trigger.type === 'backfill')).toBe(true);
      // Asked for once more, nothing is fed twice, not even when the log has let it go.
      await until('they are archived', async () => {
        await millrace.app.get(Archiver).archive('2100-01-01T00:00:00.000Z', 500);
        const { layout } = millrace.app.get<ExecutionLog>(EXECUTION_LOG);
        const manager = millrace.app.get<JetStreamManager>(LOG_MANAGER);
        const id = fed[0]?.id ?? '';
        const asked = { last_by_subj: layout.subjectOf(id) };
        return (await manager.streams.getMessage(layout.streamOf(id), asked)) === null ? true : undefined;
      });
      expect(await over(await begin({ webhookId, from, perSecond: 100 }, path))).toMatchObject({ total: 6, done: 6 });
      await listed(`workflowId=${workflowId}`, 6);
    });

    it('are those of the span of time alone', async () => {
      const { webhookId } = await called(2);
      const workflowId = await api.create(manualGraph({ a: { type: 'noop' } }, ['start>a']));
      const from = new Date().toISOString();
      expect(await begin({ webhookId, from }, `/v1/workflows/${workflowId}/backfill`)).toMatchObject({ total: 0 });
    });

    it('are refused of webhooks and to workflows that are not there', async () => {
      const { webhookId, from } = await called(0);
      const workflowId = await api.create(manualGraph({ a: { type: 'noop' } }, ['start>a']));
      const send = (json: JsonValue, id = workflowId) => api.send('POST', `/v1/workflows/${id}/backfill`, { json });
      expect(await send({ webhookId: 'wh_none', from })).toMatchObject({
        status: 404,
        body: { code: 'WEBHOOK_NOT_FOUND' },
      });
      expect(await send({ webhookId, from }, 'wf_none')).toMatchObject({
        status: 404,
        body: { code: 'WORKFLOW_NOT_FOUND' },
      });
      expect(await send({ webhookId, from, version: 9 })).toMatchObject({
        status: 404,
        body: { code: 'WORKFLOW_VERSION_NOT_FOUND' },
      });
      expect(await send({ webhookId, from, nodeId: 'a' })).toMatchObject({ status: 422, body: { code: 'NO_TRIGGER' } });
      expect(await send({ webhookId })).toMatchObject({ status: 400 });
    });
  });
});
