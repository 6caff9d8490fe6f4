import { randomUUID } from 'node:crypto';
import {
  sendsCommand,
  sendsEvent,
  sendsInteraction,
  startFakeSlack,
  type FakeSlack,
  type SlackSends,
} from '#libs/connectors/slack/testing';
import type { JsonObject } from '#libs/kernel';
import type { DeliveryView } from '../../src/deliveries/delivery-view.ts';
import type { QuotaView } from '../../src/quotas/quotas.dto.ts';
import { Api, type Execution } from '../support/api.ts';
import { manualGraph } from '../support/big-orders.ts';
import { everythingStored } from '../support/everything-stored.ts';
import { startMillrace, type LocalMillrace } from '../support/installation.ts';
import { until } from '../support/until.ts';

const TOKEN = 'xoxb-of-the-stories';
const SIGNING_SECRET = 'signing-secret-of-the-stories';
/** The token of old by which calls were known; nobody needs it. */
const VERIFICATION_TOKEN = 'verification-token-of-the-stories';
const SIGNED = { signingSecret: SIGNING_SECRET };

interface Workflow {
  readonly id: string;
  readonly path: string;
}

// The shapes are those of docs.slack.dev, the values our own.
const mention = (text: string, more: JsonObject = {}): JsonObject => ({
  token: VERIFICATION_TOKEN,
  ...{ type: 'event_callback', team_id: 'T0TEAM0001', api_app_id: 'A0APP00001', event_id: `Ev${randomUUID()}` },
  event: { type: 'app_mention', user: 'U0ADA00001', text, ts: '1.1', channel: 'C0GENERAL1', ...more },
  authorizations: [{ team_id: 'T0TEAM0001', user_id: 'U0BOT00001', is_bot: true }],
});
const who = { team_id: 'T0TEAM0001', user_id: 'U0ADA00001', channel_id: 'C0DEPLOYS1' };
const command = (name: string, responseUrl: string) => ({
  ...{ ...who, token: VERIFICATION_TOKEN, command: name, text: 'api' },
  ...{ response_url: responseUrl, trigger_id: randomUUID() },
});
const press = (actionId: string, responseUrl: string): JsonObject => ({
  ...{ type: 'block_actions', token: VERIFICATION_TOKEN, user: { id: 'U0ADA00001' }, trigger_id: randomUUID() },
  actions: [{ type: 'button', action_id: actionId, value: 'yes', action_ts: '1700000000.1' }],
  response_url: responseUrl,
});

describe('workflows at Slack', () => {
  let millrace: LocalMillrace;
  let slack: FakeSlack;
  let api: Api;
  let signing: string;
  let credentialId: string;

  beforeAll(async () => {
    millrace = await startMillrace();
  }, 60_000);
  beforeEach(async () => {
    slack = await startFakeSlack({ token: TOKEN });
    api = await Api.register(millrace.url);
    signing = await credentialOf('webhook.secret', { secret: SIGNING_SECRET });
    credentialId = await credentialOf('slack.token', { token: TOKEN, apiUrl: slack.apiUrl });
  });
  afterEach(() => slack[Symbol.asyncDispose]());
  afterAll(() => millrace[Symbol.asyncDispose]());

  const credentialOf = async (type: string, data: object): Promise<string> => {
    const { status, body } = await api.send('POST', '/v1/credentials', { json: { name: 'Slack', type, data } });
    expect(status).toBe(201);
    return (body as { id: string }).id;
  };
  const workflowWith = async (trigger: object, type: string, config: object): Promise<Workflow> => {
    const { id, hook: path } = await api.activate({
      name: 'At Slack',
      nodes: [
        { id: 'slack', type: 'trigger.slack', config: { credentialId: signing, ...trigger } },
        { id: 'answer', type, config: { credentialId, ...config } },
      ],
      connections: [{ from: 'slack', to: 'answer' }],
    });
    return { id, path };
  };
  const answering = (): Promise<Workflow> =>
    workflowWith({ events: ['app_mention'] }, 'slack.message.send', {
      channel: '{{ trigger.body.event.channel }}',
      text: 'Heard: {{ trigger.body.event.text }}',
      threadTs: '{{ trigger.body.event.ts }}',
    });
  const send = async ({ path }: Workflow, call: SlackSends) => {
    const response = await fetch(`${millrace.url}${path}`, call);
    return [response.status, response.headers.get('content-type'), await response.text()] as const;
  };
  const statusOf = async (workflow: Workflow, call: SlackSends): Promise<number> => (await send(workflow, call))[0];
  const executionsOf = async ({ id }: Workflow): Promise<Execution[]> =>
    (await api.executions()).filter(({ workflowId }) => workflowId === id);
  const onlyOf = async (workflow: Workflow): Promise<Execution> => {
    const [first] = await until('it has started', async () => {
      const all = await executionsOf(workflow);
      return all.length > 0 ? all : undefined;
    });
    const ended = await api.ended(first?.id ?? '');
    expect(await executionsOf(workflow)).toHaveLength(1);
    return ended;
  };
  const ledger = ({ id }: Workflow, count: number): Promise<string[]> =>
    until(`${count} calls are in the ledger`, async () => {
      const webhooks = await api.send('GET', `/v1/workflows/${id}/webhooks`);
      const [webhook] = (webhooks.body as { items: { id: string }[] }).items;
      const { body } = await api.send('GET', `/v1/webhooks/${webhook?.id ?? ''}/deliveries`);
      const sent = (body as { items: DeliveryView[] }).items.filter(({ reason }) => reason !== 'METHOD_NOT_ALLOWED');
      return sent.length >= count ? sent.map(({ outcome, reason }) => `${outcome} ${reason}`).toSorted() : undefined;
    });
  const messagesIn = (channelId: string) => slack.workspace.channels.find(({ id }) => id === channelId)?.messages;
  const start = async (id: string): Promise<string> => {
    const { status, body } = await api.send('POST', `/v1/workflows/${id}/executions`, { json: {} });
    expect(status).toBe(202);
    return (body as { executionId: string }).executionId;
  };

  it('show that the URL is theirs, and answer an event with a message', async () => {
    const workflow = await answering();
    const challenge = { type: 'url_verification', token: VERIFICATION_TOKEN, challenge: '3eZbrw1aBm2rZgRN' };
    const [status, type, text] = await send(workflow, sendsEvent(challenge, SIGNED));
    expect([status, type?.split(';')[0], text]).toEqual([200, 'text/plain', '3eZbrw1aBm2rZgRN']);
    expect(await executionsOf(workflow)).toEqual([]);

    const [accepted, , body] = await send(workflow, sendsEvent(mention('<@U0BOT00001> hi'), SIGNED));
    expect([accepted, body]).toEqual([200, '']);
    const execution = await onlyOf(workflow);
    expect(execution).toMatchObject({
      status: 'succeeded',
      trigger: { type: 'trigger.slack', nodeId: 'slack' },
      input: { body: { kind: 'event', event: { type: 'app_mention', user: 'U0ADA00001' } } },
      output: { channel: 'C0GENERAL1' },
    });
    expect(messagesIn('C0GENERAL1')).toMatchObject([{ text: 'Heard: <@U0BOT00001> hi', thread_ts: '1.1' }]);

    const stored = await everythingStored({ natsUrl: millrace.nats.url, databaseUrl: millrace.databaseUrl });
    const told = JSON.stringify([execution, await api.events(execution.id), millrace.log]);
    expect(stored).toContain('Heard: <@U0BOT00001> hi');
    for (const secret of [TOKEN, SIGNING_SECRET, VERIFICATION_TOKEN]) expect(`${stored}${told}`).not.toContain(secret);
  });

  it('start once for an event that comes again, and not for what they do not ask for or Slack did not sign', async () => {
    const workflow = await answering();
    const event = mention('once');
    for (const attempt of [1, 2, 3])
      expect(await statusOf(workflow, sendsEvent(event, { ...SIGNED, attempt }))).toBe(200);
    const joined = mention('', { type: 'member_joined_channel' });
    expect(await statusOf(workflow, sendsEvent(joined, SIGNED))).toBe(200);
    expect(await statusOf(workflow, sendsEvent(mention('mine', { app_id: 'A0APP00001' }), SIGNED))).toBe(200);
    expect(await statusOf(workflow, sendsEvent(mention('not signed'), { signingSecret: 'another' }))).toBe(401);
    const late = { ...SIGNED, nowMs: Date.now() - 600_000 };
    expect(await statusOf(workflow, sendsEvent(mention('long ago'), late))).toBe(401);
    expect(await ledger(workflow, 7)).toEqual([
      'accepted null',
      'answered AUTHOR_IGNORED',
      'answered EVENT_NOT_WANTED',
      'answered null',
      'answered null',
      'refused SIGNATURE_EXPIRED',
      'refused SIGNATURE_MISMATCH',
    ]);
    await onlyOf(workflow);
    expect(messagesIn('C0GENERAL1')).toHaveLength(1);
  });

  it('take a command with an empty answer, and answer it where it was given', async () => {
    const workflow = await workflowWith({ commands: ['/deploy'] }, 'slack.respond', {
      responseUrl: '{{ trigger.body.response_url }}',
      text: 'Deploying {{ trigger.body.text }}',
      responseType: 'in_channel',
    });
    const sent = sendsCommand(command('/deploy', slack.newResponseUrl()), SIGNED);
    // Sent twice it is one command.
    for (const _ of [1, 2]) {
      const [status, , text] = await send(workflow, sent);
      expect([status, text]).toEqual([200, '']);
    }
    expect(await statusOf(workflow, sendsCommand(command('/other', slack.newResponseUrl()), SIGNED))).toBe(200);
    expect(await ledger(workflow, 3)).toEqual(['accepted null', 'answered COMMAND_NOT_WANTED', 'answered null']);
    expect(await onlyOf(workflow)).toMatchObject({ status: 'succeeded', output: { answered: true } });
    expect(slack.workspace.responses).toEqual([{ text: 'Deploying api', response_type: 'in_channel' }]);
  });

  it('take a button that was pressed, and write in the place of its message', async () => {
    const workflow = await workflowWith({ interactions: ['approve'] }, 'slack.respond', {
      responseUrl: '{{ trigger.body.response_url }}',
      text: 'Approved by <@{{ trigger.body.user.id }}>: {{ trigger.body.actions[0].value }}',
      replaceOriginal: true,
    });
    const pressed = press('approve', slack.newResponseUrl());
    const [status, , text] = await send(workflow, sendsInteraction(pressed, SIGNED));
    expect([status, text]).toEqual([200, '']);
    expect(await statusOf(workflow, sendsInteraction(press('refuse', slack.newResponseUrl()), SIGNED))).toBe(200);
    expect(await ledger(workflow, 2)).toEqual(['accepted null', 'answered INTERACTION_NOT_WANTED']);
    expect(await onlyOf(workflow)).toMatchObject({ status: 'succeeded', input: { body: { kind: 'interaction' } } });
    expect(slack.workspace.responses).toEqual([{ text: 'Approved by <@U0ADA00001>: yes', replace_original: true }]);
  });

  it('wait as long as Slack says when it is asked too often, and go on', async () => {
    slack.fail('users.info', {
      ...{ kind: 'answer', status: 429, headers: { 'retry-after': '4' } },
      body: { ok: false, error: 'ratelimited' },
    });
    const config = { credentialId, userId: 'U0ADA00001' };
    const find = { type: 'slack.user.find', config };
    const id = await api.create(manualGraph({ find }, ['start>find']));
    const limited = await start(id);
    const waitingOn = (execution: string) =>
      until(`${execution} waits`, async () => {
        const { body } = await api.send('GET', `/v1/executions/${execution}`);
        const { waitingOn: on } = body as Execution;
        return on && 'at' in on ? on : undefined;
      });
    const destination = `${credentialId}@slack/users.info`;
    expect(await waitingOn(limited)).toMatchObject({ kind: 'rateLimit', nodeId: 'find', destination });
    // Who calls the same method meanwhile waits with it.
    const other = await start(id);
    expect(await waitingOn(other)).toMatchObject({ kind: 'rateLimit', nodeId: 'find', destination });
    const output = { user: { id: 'U0ADA00001', name: 'ada' } };
    for (const one of [limited, other])
      expect(await api.ended(one)).toMatchObject({ status: 'succeeded', output, nodes: [{}, { attempts: 1 }] });
    expect(slack.calls.map(({ status }) => status)).toEqual([429, 200, 200]);
  });

  it('send a channel one message a second, and say what they wait for', async () => {
    const config = { credentialId, channel: 'C0GENERAL1', text: 'Deployed' };
    const id = await api.create(manualGraph({ tell: { type: 'slack.message.send', config } }, ['start>tell']));
    const ids = await Promise.all(Array.from({ length: 3 }, () => start(id)));
    const key = `${credentialId}@slack/chat.postMessage/C0GENERAL1`;
    const waiting = await until('one waits', async () => {
      const found = (await api.executions()).find(({ waitingOn }) => waitingOn?.kind === 'rateLimit');
      return found?.waitingOn ?? undefined;
    });
    expect(waiting).toMatchObject({ kind: 'rateLimit', nodeId: 'tell', destination: key });
    const { items } = (await api.send('GET', '/v1/quotas')).body as { items: QuotaView[] };
    expect(items).toMatchObject([{ key, limit: 1, known: true }]);
    for (const one of ids) expect(await api.ended(one)).toMatchObject({ status: 'succeeded' });
    expect(slack.calls.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});
