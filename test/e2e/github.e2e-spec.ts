import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { sendsDelivery, startFakeGitHub, type FakeGitHub } from '#libs/connectors/github/testing';
import type { JsonObject } from '#libs/kernel';
import type { DeliveryView } from '../../src/deliveries/delivery-view.ts';
import type { HookView } from '../../src/hooks/hook-view.ts';
import type { QuotaView } from '../../src/quotas/quotas.dto.ts';
import { Api, type Execution, type Reply } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { everythingStored } from '../support/everything-stored.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { until } from '../support/until.ts';

const TOKEN = 'github_pat_of-the-stories';
const REPOSITORY = 'octocat/hello-world';
/** Of a hook, as GitHub has it. */
interface Hook {
  readonly events: readonly string[];
  readonly config: { readonly url: string; readonly secret: string };
}

/** A payload that GitHub has published, of that action, as if it came from the repository. */
function payloadOf(event: string, action: string, number = 1): JsonObject {
  const file = new URL(import.meta.resolve('@octokit/webhooks-examples'));
  const published = JSON.parse(readFileSync(file, 'utf8')) as readonly {
    readonly name: string;
    readonly examples: readonly { action?: string; repository: object; issue: object }[];
  }[];
  const found = published.find(({ name }) => name === event)?.examples.find((one) => one.action === action);
  if (!found) throw new Error(`no payload of ${event}.${action} was published`);
  const { repository, issue } = found;
  return {
    ...found,
    repository: { ...repository, full_name: REPOSITORY },
    issue: { ...issue, number },
  };
}

describe('workflows at GitHub', () => {
  let millrace: LocalMillrace;
  let github: FakeGitHub;
  let api: Api;
  let credentialId: string;

  beforeAll(async () => {
    millrace = await startMillrace();
  }, 60_000);
  beforeEach(async () => {
    github = await startFakeGitHub();
    api = await Api.register(millrace.url);
    credentialId = await credentialFor(github);
  });
  afterEach(() => github[Symbol.asyncDispose]());
  afterAll(() => millrace[Symbol.asyncDispose]());

  const credentialFor = async ({ url: apiUrl }: FakeGitHub, token = TOKEN): Promise<string> => {
    const json = { name: 'GitHub', type: 'github.token', data: { token, apiUrl } };
    const { status, body } = await api.send('POST', '/v1/credentials', { json });
    expect(status).toBe(201);
    return (body as { id: string }).id;
  };
  const commenting = () => ({
    name: 'Thanks for issues',
    nodes: [
      {
        id: 'issues',
        type: 'trigger.github',
        config: { repository: REPOSITORY, events: ['issues'], actions: ['opened'], credentialId },
      },
      {
        id: 'thank',
        type: 'github.comment.create',
        config: {
          credentialId,
          repository: '{{ trigger.body.repository.full_name }}',
          number: '{{ trigger.body.issue.number }}',
          body: 'Thanks, {{ trigger.body.issue.user.login }}',
        },
      },
    ],
    connections: [{ from: 'issues', to: 'thank' }],
  });
  const hooksOf = async (id: string): Promise<readonly HookView[]> =>
    ((await api.send('GET', `/v1/workflows/${id}/hooks`)).body as { items: HookView[] }).items;
  const untilHooks = (id: string, state: string): Promise<HookView> =>
    until(`its hook is ${state}`, async () => (await hooksOf(id)).find((hook) => hook.state === state));
  const hookAtGitHub = (): Hook => {
    const [hook] = github.hooksOf(REPOSITORY).hooks;
    return hook as unknown as Hook;
  };
  const registered = async (): Promise<{ readonly id: string; readonly hook: Hook }> => {
    const { id } = await api.activate(commenting());
    await untilHooks(id, 'registered');
    return { id, hook: hookAtGitHub() };
  };
  const deliver = async (
    { config: { url, secret } }: Hook,
    { event = 'issues', payload = payloadOf('issues', 'opened'), id = randomUUID(), signedWith = secret } = {},
  ) => {
    const response = await fetch(url, sendsDelivery({ event, id, payload, secret: signedWith }));
    return [response.status, await response.text()] as const;
  };
  const executionsOf = async (workflowId: string): Promise<Execution[]> =>
    (await api.executions()).filter((one) => one.workflowId === workflowId);
  const firstOf = async (workflowId: string): Promise<Execution> => {
    const { id } = await until('it has started', async () => (await executionsOf(workflowId))[0]);
    return api.ended(id);
  };
  const ledger = (workflowId: string, count: number): Promise<string[]> =>
    until(`${count} calls are in the ledger`, async () => {
      const webhooks = (await api.send('GET', `/v1/workflows/${workflowId}/webhooks`)).body as {
        items: { id: string }[];
      };
      const { body } = await api.send('GET', `/v1/webhooks/${webhooks.items[0]?.id ?? ''}/deliveries`);
      const sent = (body as { items: DeliveryView[] }).items.filter(({ reason }) => reason !== 'METHOD_NOT_ALLOWED');
      return sent.length >= count ? sent.map(({ outcome, reason }) => `${outcome} ${reason}`) : undefined;
    });
  const start = async (id: string, json: object = {}): Promise<string> => {
    const { status, body } = await api.send('POST', `/v1/workflows/${id}/executions`, { json });
    expect(status).toBe(202);
    return (body as { executionId: string }).executionId;
  };
  const upgradeOf = (id: string): Promise<Reply> => api.send('GET', `/v1/workflows/${id}/upgrade`);
  const versionsSent = (): string[] =>
    github.calls
      .filter(({ method }) => method === 'POST')
      .map(({ headers }) => String(headers['x-github-api-version']));

  it('have a hook there while they are active, and answer what it sends', async () => {
    github.repository(REPOSITORY).open({ title: 'It fails' });
    const { id, hook } = await registered();
    const [shown] = await hooksOf(id);
    expect(hook).toMatchObject({ active: true, events: ['issues'], config: { url: shown?.url, content_type: 'json' } });
    expect(new URL(hook.config.url).origin).toBe(millrace.url);

    expect(await deliver(hook)).toEqual([202, '']);
    const execution = await firstOf(id);
    expect(execution).toMatchObject({ status: 'succeeded', trigger: { type: 'trigger.github', nodeId: 'issues' } });
    const { comments } = github.repository(REPOSITORY);
    expect(comments).toMatchObject([{ issue_url: '/issues/1', body: 'Thanks, Codertocat' }]);

    expect((await api.send('POST', `/v1/workflows/${id}/deactivate`)).status).toBe(200);
    await untilHooks(id, 'removed');
    expect(github.hooksOf(REPOSITORY).hooks).toEqual([]);

    const stored = await everythingStored({ natsUrl: millrace.nats.url, databaseUrl: millrace.databaseUrl });
    const told = JSON.stringify([await hooksOf(id), await api.events(execution.id), millrace.log]);
    expect(stored).toContain('Thanks, Codertocat');
    for (const secret of [TOKEN, hook.config.secret]) expect(`${stored}${told}`).not.toContain(secret);
  });

  it('start once for a delivery, and not for what they do not ask for or GitHub did not sign', async () => {
    github.repository(REPOSITORY).open({ title: 'It fails' });
    const { id, hook } = await registered();
    const delivery = { id: randomUUID() };
    expect(await deliver(hook, delivery)).toEqual([202, '']);
    expect(await deliver(hook, delivery)).toEqual([202, '']);
    expect(await deliver(hook, { event: 'ping', payload: { zen: 'Keep it logically awesome.' } })).toEqual([
      200,
      '{"ok":true}',
    ]);
    const statusOf = async (sent: Parameters<typeof deliver>[1]) => (await deliver(hook, sent))[0];
    expect(await statusOf({ payload: payloadOf('issues', 'edited') })).toBe(202);
    expect(await statusOf({ event: 'issue_comment', payload: payloadOf('issue_comment', 'created') })).toBe(202);
    expect(await statusOf({ signedWith: 'another secret' })).toBe(401);
    expect((await ledger(id, 6)).toSorted()).toEqual([
      'accepted null',
      'answered ACTION_NOT_WANTED',
      'answered EVENT_NOT_WANTED',
      'answered null',
      'answered null',
      'refused SIGNATURE_MISMATCH',
    ]);
    await firstOf(id);
    expect(await executionsOf(id)).toHaveLength(1);
    expect(github.repository(REPOSITORY).comments).toHaveLength(1);
  });

  it('go on when an answer is not as it was, and tell so', async () => {
    const config = { credentialId, repository: REPOSITORY, number: 1, body: 'Thanks' };
    const id = await api.create(manualGraph({ thank: { type: 'github.comment.create', config } }, ['start>thank']));
    const body = { id: 7, body: 'Thanks', user: null, created_at: '2026-11-29T00:00:00Z' };
    github.trouble = () => ({ kind: 'answer', status: 201, body });
    const execution = await api.ended(await start(id));
    expect(execution).toMatchObject({ status: 'succeeded', output: body });
    const drifted = (await api.events(execution.id)).filter(({ type }) => type === 'ResponseDrifted');
    expect(drifted.map(({ data }) => data)).toEqual([
      { nodeId: 'thank', attempt: 1, drift: [{ path: 'html_url', expected: 'string', found: 'missing' }] },
    ]);
  });

  it('keep the version of the API that they were built with, until somebody upgrades them', async () => {
    const config = { credentialId, repository: REPOSITORY, title: 'It fails', assignee: 'ann' };
    const graph = manualGraph({ report: { type: 'github.issue.create', config } }, ['start>report']);
    const { status, body } = await api.send('POST', '/v1/workflows', { json: graph });
    const message =
      '"github.issue.create" is deprecated: GitHub ends the version of its API that this one was written for, where an ' +
      'issue has one assignee; "github.issue.create@2" takes its place';
    expect([status, body]).toMatchObject([201, { warnings: [{ path: 'nodes[1].type', message }] }]);
    const { id } = body as { id: string };

    const { assignee: _, ...others } = config;
    const upgraded = { type: 'github.issue.create@2', config: { ...others, assignees: ['ann'] } };
    const preview = await upgradeOf(id);
    expect(preview).toMatchObject({
      status: 200,
      body: {
        upgrades: [{ nodeId: 'report', from: 'github.issue.create', to: 'github.issue.create@2' }],
        definition: { nodes: [{ id: 'start' }, upgraded] },
        problems: [],
      },
    });
    const done = await api.send('POST', `/v1/workflows/${id}/upgrade`, {
      headers: { 'if-match': preview.headers.get('etag') ?? '' },
    });
    expect(done).toMatchObject({ status: 200, body: { version: 2, warnings: [], nodes: [{}, upgraded] } });

    const [before, after] = [await start(id, { version: 1 }), await start(id, { version: 2 })];
    expect(await api.ended(before)).toMatchObject({
      status: 'succeeded',
      output: { assignee: { login: 'ann' }, assignees: [{ login: 'ann' }] },
    });
    const { output } = await api.ended(after);
    expect(output).toMatchObject({ assignees: [{ login: 'ann' }] });
    expect(output).not.toHaveProperty('assignee');
    expect(versionsSent().toSorted()).toEqual(['2022-11-28', '2026-03-10']);
    for (const execution of [before, after]) {
      const types = (await api.events(execution)).map(({ type }) => type);
      expect(types).not.toContain('ResponseDrifted');
    }
  });

  it('wait when a limit that nobody tells beforehand refuses a call, and make it again', async () => {
    const config = { credentialId, repository: REPOSITORY, number: 1, body: 'Thanks' };
    const id = await api.create(manualGraph({ thank: { type: 'github.comment.create', config } }, ['start>thank']));
    const body = { message: 'You have exceeded a secondary rate limit.' };
    github.repository(REPOSITORY).open({ title: 'It fails' });
    github.trouble = () =>
      github.calls.length > 1 ? undefined : { kind: 'answer', status: 403, headers: { 'retry-after': '3' }, body };
    const execution = await start(id);
    const limited = await until('it waits for the limit', async () =>
      (await api.executions()).find(({ waitingOn }) => waitingOn?.kind === 'rateLimit'),
    );
    expect(limited.waitingOn).toMatchObject({ nodeId: 'thank', destination: `${credentialId}@github` });
    expect(await api.ended(execution)).toMatchObject({ status: 'succeeded', nodes: [{}, { attempts: 1 }] });
    expect(github.repository(REPOSITORY).comments).toHaveLength(1);
    const types = (await api.events(execution)).map(({ type }) => type);
    expect(types).toContain('NodePostponed');
  });

  it('that list begin anew when a limit refuses a later page', async () => {
    const list = { type: 'github.issue.list', config: { credentialId, repository: REPOSITORY, maxItems: 150 } };
    const id = await api.create(manualGraph({ list }, ['start>list']));
    for (let issue = 0; issue < 150; issue++) github.repository(REPOSITORY).open({ title: 'It fails' });
    const body = { message: 'You have exceeded a secondary rate limit.' };
    github.trouble = () =>
      github.calls.length === 2 ? { kind: 'answer', status: 403, headers: { 'retry-after': '1' }, body } : undefined;
    const execution = await start(id);
    expect(await api.ended(execution)).toMatchObject({ status: 'succeeded', nodes: [{}, { attempts: 1 }] });
    expect(github.calls.map(({ path }) => new URLSearchParams(path.split('?')[1]).get('page') ?? '1')).toEqual([
      '1',
      '2',
      '1',
      '2',
    ]);
    const postponed = (await api.events(execution)).find(({ type }) => type === 'NodePostponed');
    expect(postponed?.data).toMatchObject({ reason: { kind: 'rateLimit' }, error: { code: 'GITHUB_RATE_LIMITED' } });
  });

  it('keep to the limit of their credential, wait in sight, and hold up no other credential', async () => {
    const LIMIT = 20;
    await using limited = await startFakeGitHub({ limit: LIMIT });
    const [mine, others] = [await credentialFor(limited, 'ghp_mine'), await credentialFor(limited, 'ghp_others')];
    const workflowOf = (by: string): Promise<string> =>
      api.create(
        manualGraph(
          {
            report: { type: 'github.issue.create@2', config: { credentialId: by, repository: REPOSITORY, title: 'A' } },
          },
          ['start>report'],
        ),
      );
    const id = await workflowOf(mine);
    // Its answer says what is left. Of a burst that begins a window up to nine calls are not made up for.
    await api.ended(await start(id));
    await Promise.all(Array.from({ length: 29 }, () => start(id)));
    const settled = await until('all have gone or wait for the next hour', async () => {
      const all = await executionsOf(id);
      const gone = all.filter(({ status }) => status === 'succeeded');
      const waiting = all.filter(
        ({ waitingOn }) => waitingOn?.kind === 'rateLimit' && Date.parse(waitingOn.at ?? '') > Date.now() + 60_000,
      );
      return gone.length === LIMIT && waiting.length === 30 - LIMIT ? waiting : undefined;
    });
    const key = `${mine}@github`;
    for (const { waitingOn, status } of settled)
      expect([status, waitingOn]).toMatchObject(['waiting', { kind: 'rateLimit', nodeId: 'report', destination: key }]);
    expect(limited.refusedByLimit()).toBe(0);
    expect(limited.calls).toHaveLength(LIMIT);
    const { items } = (await api.send('GET', '/v1/quotas')).body as { items: QuotaView[] };
    expect(items.find((one) => one.key === key)).toMatchObject({ limit: LIMIT, left: 0, known: true });
    expect(items.find((one) => one.key === key)?.waitsUntil).not.toBeNull();

    expect(await api.ended(await start(await workflowOf(others)))).toMatchObject({ status: 'succeeded' });
    expect(limited.refusedByLimit()).toBe(0);
  });
});
