import { Api, call, type Reply } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';

const graph = manualGraph({ shape: { type: 'set', config: { values: { id: '{{ trigger.body.id }}' } } } }, ['start>shape']);

interface Item {
  readonly index: number;
  readonly kind: string;
  readonly action: string;
  readonly actor: { readonly type: string; readonly id: string; readonly name: string | null };
  readonly role: string | null;
  readonly address: string | null;
  readonly target: string | null;
  readonly outcome: { readonly status: number; readonly code: string | null } | null;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

describe('the audit', () => {
  let millrace: LocalMillrace;
  let api: Api;

  beforeAll(async () => {
    millrace = await startMillrace();
  }, 60_000);
  beforeEach(async () => {
    api = await Api.register(millrace.url);
  });
  afterAll(async () => {
    await millrace[Symbol.asyncDispose]();
  }, 60_000);

  const list = async (query = '', by = api): Promise<Item[]> => {
    const reply = await by.send('GET', `/v1/audit${query}`);
    expect(reply.status).toBe(200);
    return (reply.body as { items: Item[] }).items;
  };
  const keyFor = async (role: string): Promise<Api> => {
    const { body } = await api.send('POST', '/v1/api-keys', { json: { name: `the ${role}`, role } });
    return Api.withToken(millrace.url, (body as { key: string }).key);
  };
  const idOf = ({ body }: Reply): string => (body as { id: string }).id;

  it('shows a change by a person at once, with what was before and after', async () => {
    const id = await api.create(graph);
    await api.send('POST', `/v1/workflows/${id}/activate`);
    const [activated, created, registered] = await list();
    expect(activated).toMatchObject({
      ...{ kind: 'change', action: 'workflow.activate', target: id, role: 'owner', address: '127.0.0.1' },
      ...{ actor: { type: 'user', name: expect.stringContaining('@example.com') }, outcome: { status: 200, code: null } },
      ...{ before: { latestVersion: 1, activeVersion: null }, after: { latestVersion: 1, activeVersion: 1 } },
    });
    expect(created).toMatchObject({ action: 'workflow.create', target: id, outcome: { status: 201 }, before: null });
    expect(created?.after).toMatchObject({ contentHash: expect.stringMatching(/^sha256:/) });
    expect(registered).toMatchObject({ kind: 'noted', action: 'account.registered', index: 0, outcome: null });
  });
});
