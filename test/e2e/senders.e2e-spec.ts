import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Api, call, type Execution, type Reply } from '../support/api.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { runInShell, SenderPage } from '../support/sender-page.ts';
import {
  githubHeaders,
  gitlabHeaders,
  payloadOf,
  SENDERS,
  slackHeaders,
  type Delivery,
  type Sender,
} from '../support/senders.ts';
import { until } from '../support/until.ts';

interface Example {
  readonly workflow: { readonly nodes: readonly { readonly config: Readonly<Record<string, unknown>> }[] };
  readonly requires: { readonly credentials: readonly { readonly id: string }[] };
}

type Taken = Pick<Delivery, 'text'> & Partial<Delivery>;
const codeOf = ({ status, body }: Reply) => [status, (body as { code?: string }).code];

describe('senders of webhooks', () => {
  let millrace: LocalMillrace;
  let api: Api;

  beforeAll(async () => {
    millrace = await startMillrace();
    api = await Api.register(millrace.url);
  }, 60_000);
  afterAll(() => millrace[Symbol.asyncDispose]());

  const exampleOf = (name: string): Example =>
    JSON.parse(readFileSync(`examples/webhooks/${name}.json`, 'utf8')) as Example;

  const imported = async (example: Example, secret: string): Promise<{ id: string; hook: string }> => {
    const json = { name: 'Of a sender', type: 'webhook.secret', data: { secret } };
    const { body } = await api.send('POST', '/v1/credentials', { json });
    const [needed] = example.requires.credentials;
    return api.activateImport(example, { [needed?.id ?? '']: (body as { id: string }).id });
  };
  const post = (hook: string, text: string, headers: Readonly<Record<string, string>>) =>
    call(millrace.url, 'POST', hook, { text, headers });
  const listed = async (id: string): Promise<Execution[]> =>
    (await api.executions()).filter(({ workflowId }) => workflowId === id);
  /** Lists follow the log a moment later. */
  const startedBy = (id: string): Promise<[Execution, ...Execution[]]> =>
    until('an execution is listed', async () => {
      const [first, ...others] = await listed(id);
      return first && [first, ...others];
    });
  const endOf = async ({ body }: Reply): Promise<Execution> => api.ended((body as { executionId: string }).executionId);

  describe.each(SENDERS)('$name', ({ name, payload, secret, headers, output, status }: Sender) => {
    const text = payloadOf(payload);
    let id: string;
    let hook: string;

    beforeAll(async () => {
      ({ id, hook } = await imported(exampleOf(name), secret));
    });

    const send = ({ text: sent, ...more }: Taken): Promise<Reply> =>
      post(hook, sent, headers({ secret, text: sent, id: randomUUID(), attempt: 1, ...more }));

    it('is taken once, and nobody else is', async () => {
      const delivery = { text, id: 'd3b07384-d9a0-4f0b-8a5c-1b1c6d0a9d52' };
      expect(codeOf(await send({ ...delivery, secret: 'whsec_c29tZWJvZHkgZWxzZSdzIHNlY3JldA==' }))).toEqual([
        401,
        'SIGNATURE_MISMATCH',
      ]);
      const first = await send(delivery);
      expect(first.status).toBe(status);
      const again = await send({ ...delivery, attempt: 2 });
      expect(again.status).toBe(name === 'curl' ? 409 : 202);
      const [started] = await startedBy(id);
      expect(again.text).toContain(started.id);
      expect(await api.ended(started.id)).toMatchObject({ status: 'succeeded', output });
      expect(await startedBy(id)).toHaveLength(1);
      if (status === 200) expect(first.body).toEqual(output);
    });

    it('has an example without secrets, which its page explains', () => {
      const page = new SenderPage(name.replace(/-.*/, ''));
      const configs = page.blocks('json').map((block) => JSON.parse(block) as unknown);
      expect(configs).toContainEqual(exampleOf(name).workflow.nodes[0]?.config);
    });
  });

  describe.each(['github', 'slack', 'stripe', 'shopify', 'gitlab', 'curl'])('the page of %s', (name) => {
    const { secret } = SENDERS.find((sender) => sender.name === name)!;

    it('has a shell that does what it says', async () => {
      const page = new SenderPage(name);
      const { id, hook } = await imported(exampleOf(name), secret);
      const [block = ''] = page.blocks('sh test');
      const out = await runInShell(block, { HOOK_URL: `${millrace.url}${hook}`, SECRET: secret });
      const withoutIds = (shown: string): string => shown.replace(/ex_\w+/g, 'ex_');
      expect(withoutIds(page.text)).toContain(out.split('\n')[0]);
      expect(withoutIds(page.text)).toContain(withoutIds(out.split('\n').at(-1) ?? ''));
      const [execution] = await startedBy(id);
      const { status, output } = await api.ended(execution.id);
      expect(status).toBe('succeeded');
      expect(page.text).toContain(JSON.stringify(output));
    });
  });

  it('GitHub: the ping that comes first is taken, and is no push', async () => {
    const { hook } = await imported(exampleOf('github'), 'ping');
    const text = payloadOf('github-ping.json');
    const headers = githubHeaders('ping', { secret: 'ping', text, id: randomUUID(), attempt: 1 });
    expect(await endOf(await post(hook, text, headers))).toMatchObject({ output: { ignored: 'ping' } });
  });

  it('Slack: the URL of events is verified by its challenge, and nothing starts', async () => {
    const { id, hook } = await imported(exampleOf('slack-events'), 'slack');
    const text = '{"token":"one-long-verification-token","challenge":"3eZbrw1aBm2rZgRNFdxV","type":"url_verification"}';
    const headers = slackHeaders('application/json', { secret: 'slack', text, id: '', attempt: 1 });
    expect(await post(hook, text, headers)).toMatchObject({ status: 200, text: '3eZbrw1aBm2rZgRNFdxV' });
    expect(await listed(id)).toEqual([]);
  });

  it('GitLab: one that does not sign sends its token', async () => {
    const [, older = ''] = new SenderPage('gitlab').blocks('json');
    const example = exampleOf('gitlab');
    const [trigger, ...others] = example.workflow.nodes;
    const nodes = [{ ...trigger, config: JSON.parse(older) as Readonly<Record<string, unknown>> }, ...others];
    const { hook } = await imported({ ...example, workflow: { ...example.workflow, nodes } }, 't0ken');
    const text = payloadOf('gitlab-push.json');
    const send = (token: string) => post(hook, text, { ...gitlabHeaders('once'), 'x-gitlab-token': token });
    expect((await send('another')).status).toBe(401);
    const taken = await send('t0ken');
    expect((await send('t0ken')).body).toEqual(taken.body);
    const execution = await endOf(taken);
    expect(execution).toMatchObject({ status: 'succeeded', output: { project: 'mike/diaspora' } });
    expect(JSON.stringify(execution)).not.toContain('t0ken');
  });
});
