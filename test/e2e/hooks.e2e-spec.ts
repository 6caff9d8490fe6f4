import { HookStore, type HookEntry } from '#libs/hook-registrations';
import { Api } from '../support/api.ts';
import { hookGraph } from '../support/hook-graph.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { until } from '../support/until.ts';

interface Hook {
  readonly webhookId: string;
  readonly state: string;
  readonly error: { readonly code: string } | null;
  readonly at: string;
  readonly retryAt: string | null;
}

describe('the hooks of a workflow', () => {
  let millrace: LocalMillrace;
  let api: Api;
  let id: string;

  beforeAll(async () => {
    millrace = await startMillrace();
  }, 60_000);
  beforeEach(async () => {
    api = await Api.register(millrace.url);
    id = await api.create(hookGraph({}));
  });
  afterAll(() => millrace[Symbol.asyncDispose]());

  const path = (of = id): string => `/v1/workflows/${of}/hooks`;
  const hooks = async (): Promise<readonly Hook[]> =>
    ((await api.send('GET', path())).body as { items: readonly Hook[] }).items;

  it('are none where nothing is registered', async () => {
    await api.send('POST', `/v1/workflows/${id}/activate`);
    expect(await api.send('GET', path())).toMatchObject({ status: 200, body: { items: [], nextCursor: null } });
    expect(await api.send('POST', `${path()}/retry`)).toMatchObject({ status: 202, body: { items: [] } });
  });

  it('are seen with how they fail, and tried again when somebody asks', async () => {
    const wanted = {
      ...{ type: 'trigger.gone', credentialId: 'cr_1', at: {}, url: 'https://m.example.com/hooks/t' },
      ...{ isWanted: true, stage: 'planned' as const, since: '2026-11-29T10:00:00.000Z' },
    };
    const entry: HookEntry = { workspaceId: 'ws_1', workflowId: id, webhookId: 'wh_1', nodeId: 'in', hooks: [wanted] };
    const store = millrace.app.get(HookStore, { strict: false });
    expect(await store.write(entry, 0)).toBe(true);
    const failing = (before?: Hook): Promise<Hook> =>
      until('it fails', async () => {
        const [hook] = await hooks();
        return hook?.state === 'failing' && hook.at !== before?.at ? hook : undefined;
      });
    const first = await failing();
    expect(first).toMatchObject({ webhookId: 'wh_1', nodeId: 'in', error: { code: 'NODE_TYPE_UNKNOWN' } });
    expect(Date.parse(first.retryAt ?? '')).toBeGreaterThan(Date.parse(first.at));
    const asked = await api.send('POST', `${path()}/retry`);
    expect(asked.status).toBe(202);
    expect((await failing(first)).at > first.at).toBe(true);
  });

  it("are nobody else's, and of no workflow that is not there", async () => {
    const other = await Api.register(millrace.url);
    const missing = { status: 404, body: { code: 'WORKFLOW_NOT_FOUND' } };
    expect(await other.send('GET', path())).toMatchObject(missing);
    expect(await other.send('POST', `${path()}/retry`)).toMatchObject(missing);
    expect(await api.send('GET', path('wf_none'))).toMatchObject(missing);
    await api.send('DELETE', `/v1/workflows/${id}`);
    expect(await api.send('GET', path())).toMatchObject(missing);
  });
});
