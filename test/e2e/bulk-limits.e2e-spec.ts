import type { Database } from '#libs/read-models';
import type { BulkJobView } from '../../src/bulk/bulk-job-view.ts';
import { DATABASE } from '../../src/read-models/tokens.ts';
import { Api } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';

const MORE_THAN_A_JOB = 10_001;

describe('a job with more executions than it takes', () => {
  let millrace: LocalMillrace;
  let api: Api;

  beforeAll(async () => {
    millrace = await startMillrace();
    api = await Api.register(millrace.url);
  }, 60_000);
  afterAll(() => millrace[Symbol.asyncDispose]());

  /** Rows as the projector writes them, a second apart; nothing is in the log behind them. */
  const insert = async (workflowId: string, trigger: string): Promise<void> => {
    const { body } = await api.send('GET', '/v1/me');
    const { workspace } = body as { workspace: { id: string } };
    const record = { trigger: { type: trigger, nodeId: 'call' }, nodes: {}, input: { value: null } };
    await millrace.app.get<Database>(DATABASE).query(
      `insert into executions (id, workspace_id, workflow_id, workflow_version, status, trigger_type, created_at, finished_at, version, shelf, terms, in_doubt, record)
       select id, $1, $2, 1, 'failed', $3, at, now(), 1, 'none/1', '{}', false,
         ($4::jsonb || jsonb_build_object('id', id, 'createdAt', to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))::json
       from (
         select 'ex_' || md5($2::text || n) as id, timestamptz '2026-11-01T00:00:00Z' + n * interval '1 second' as at
         from generate_series(0, $5::int - 1) n
       ) as made`,
      [workspace.id, workflowId, trigger, JSON.stringify(record), MORE_THAN_A_JOB],
    );
  };
  /** Ended at once: it has nothing to do but to be refused ten thousand times. */
  const begun = async (path: string, json: object): Promise<BulkJobView> => {
    const { status, body } = await api.send('POST', path, { json });
    expect(status).toBe(202);
    const job = body as BulkJobView;
    await api.send('POST', `/v1/executions/bulk/${job.id}/cancel`);
    return job;
  };

  it('takes the newest that match, and says that there are more', async () => {
    const workflowId = await api.create(manualGraph({ a: { type: 'noop' } }, ['start>a']));
    await insert(workflowId, 'trigger.manual');
    const job = await begun('/v1/executions/bulk', {
      action: 'retry',
      filter: { workflowId },
      dryRun: true,
      perSecond: 1,
    });
    expect(job).toMatchObject({ total: 10_000, isCut: true, nextFrom: null });
  });

  it('takes the oldest calls of a webhook, and says where the next one begins', async () => {
    const hook = { name: 'Hook', nodes: [{ id: 'call', type: 'trigger.webhook', config: {} }], connections: [] };
    const { id } = await api.activate(hook);
    const { body } = await api.send('GET', `/v1/workflows/${id}/webhooks`);
    const [{ id: webhookId }] = (body as { items: [{ id: string }] }).items;
    await insert(id, 'trigger.webhook');
    const target = await api.create(manualGraph({ a: { type: 'noop' } }, ['start>a']));
    const asked = { webhookId, from: '2026-11-01T00:00:00.000Z', dryRun: true, perSecond: 1 };
    const path = `/v1/workflows/${target}/backfill`;
    const job = await begun(path, asked);
    expect(job).toMatchObject({ total: 10_000, isCut: true, nextFrom: '2026-11-01T02:46:40.000Z' });
    expect(await begun(path, { ...asked, from: job.nextFrom })).toMatchObject({
      total: 1,
      isCut: false,
      nextFrom: null,
    });
  });
});
