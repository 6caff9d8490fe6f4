import fc from 'fast-check';
import type { JsonObject, JsonValue } from '#libs/kernel';
import type { CallMeaning } from '#libs/node-kit';
import { checkedBy, refusedBy } from '#libs/nodes/testing';
import { verifierOf } from '#libs/webhook-signatures';
import { sendsCommand, sendsEvent, sendsInteraction, type SlackSends } from '../testing/index.ts';
import { slackTriggerConfigSchema } from './config.ts';
import { receive } from './receive.ts';
import { slackTrigger } from './slack-trigger.ts';

const config = (given: JsonObject = {}) => slackTriggerConfigSchema.parse({ credentialId: 'cr_1', ...given });
const means = (body: JsonValue, given: JsonObject = {}): CallMeaning =>
  receive(config(given), { headers: {}, query: {}, body });

// The shapes are those of docs.slack.dev, the values our own.
const event = (inner: JsonObject, more: JsonObject = {}): JsonObject => ({
  token: 'verification-canary',
  team_id: 'T0TEAM0001',
  api_app_id: 'A0APP00001',
  event: { event_ts: '1700000000.000100', ...inner },
  type: 'event_callback',
  event_id: 'Ev0000001',
  event_time: 1_700_000_000,
  event_context: '4-abc',
  authorizations: [{ enterprise_id: null, team_id: 'T0TEAM0001', user_id: 'U0BOT00001', is_bot: true }],
  is_ext_shared_channel: false,
  ...more,
});
const mention = { type: 'app_mention', user: 'U0ADA00001', text: '<@U0BOT00001> hi', ts: '1.1', channel: 'C0GENERAL1' };
const message = {
  type: 'message',
  user: 'U0ADA00001',
  text: 'hi',
  ts: '1.1',
  channel: 'C0GENERAL1',
  channel_type: 'channel',
};
const command = {
  token: 'verification-canary',
  team_id: 'T0TEAM0001',
  team_domain: 'example',
  channel_id: 'C0GENERAL1',
  channel_name: 'general',
  user_id: 'U0ADA00001',
  user_name: 'ada',
  command: '/deploy',
  text: 'api',
  api_app_id: 'A0APP00001',
  is_enterprise_install: 'false',
  response_url: 'https://hooks.slack.com/commands/T0TEAM0001/1/x',
  trigger_id: '13345224609.738474920.8088930838d88f008e0',
};
const interaction = (type: string, more: JsonObject = {}) => ({
  payload: JSON.stringify({
    type,
    token: 'verification-canary',
    team: { id: 'T0TEAM0001', domain: 'example' },
    user: { id: 'U0ADA00001', username: 'ada' },
    api_app_id: 'A0APP00001',
    trigger_id: '12321423423.333649436676.d8c1bb837935619ccad0',
    ...more,
  }),
});
const buttonPress = interaction('block_actions', {
  response_url: 'https://hooks.slack.com/actions/T0TEAM0001/1/x',
  actions: [{ type: 'button', block_id: 'b', action_id: 'approve', value: 'yes', action_ts: '1700000000.1' }],
});

describe('trigger.slack', () => {
  it('answers the challenge in clear text, and starts nothing', () => {
    expect(means({ type: 'url_verification', token: 't', challenge: '3eZbrw1aBm2' })).toEqual({
      kind: 'answered',
      answer: { status: 200, contentType: 'text/plain', body: '3eZbrw1aBm2' },
    });
  });

  it('answers the look at the certificate, and a menu that asks for options', () => {
    expect(means({ ssl_check: '1', token: 't' })).toMatchObject({
      kind: 'answered',
      answer: { status: 200, body: '' },
    });
    expect(means(interaction('block_suggestion'))).toMatchObject({ answer: { body: '{"options":[]}' } });
  });

  it('starts with an event as documented, known by its id, without the token', () => {
    const { token: _, ...rest } = event(mention);
    expect(means(event(mention))).toEqual({
      kind: 'starts',
      body: { kind: 'event', ...rest },
      key: 'slack:event:Ev0000001',
    });
  });

  it('starts with a command', () => {
    const { token: _, ...rest } = command;
    expect(means(command)).toEqual({
      kind: 'starts',
      body: { kind: 'command', ...rest },
      key: `slack:command:${command.trigger_id}`,
    });
  });

  it('starts with an interaction, its payload read', () => {
    expect(means(buttonPress)).toMatchObject({
      kind: 'starts',
      key: 'slack:interaction:block_actions:12321423423.333649436676.d8c1bb837935619ccad0',
      body: { kind: 'interaction', type: 'block_actions', actions: [{ action_id: 'approve', value: 'yes' }] },
    });
    expect(JSON.stringify(means(buttonPress))).not.toContain('canary');
  });

  it.each<[string, JsonObject, string | undefined]>([
    ['dialog_submission', { trigger_id: null, action_ts: '1.5' }, '1.5'],
    ['view_closed', { trigger_id: null, view: { id: 'V1', hash: 'h' } }, 'V1:h'],
    ['view_closed', { trigger_id: null }, undefined],
  ])('knows a %s with %j by what it has', (type, more, id) => {
    const { key } = means(interaction(type, more)) as { key?: string };
    expect(key).toBe(id === undefined ? undefined : `slack:interaction:${type}:${id}`);
  });

  it.each<[string, JsonObject, JsonObject, boolean]>([
    ['an event without lists', event(mention), {}, true],
    ['a type that is listed', event(mention), { events: ['app_mention'] }, true],
    ['one that is not', event(mention), { events: ['reaction_added'] }, false],
    ['messages of channels', event(message), { events: ['message.channels'] }, true],
    ['messages of channels, not of people', event(message), { events: ['message.im'] }, false],
    ['all messages', event({ ...message, channel_type: 'im' }), { events: ['message'] }, true],
    ['a subtype', event({ ...message, subtype: 'file_share' }), { events: ['message.file_share'] }, true],
    ['an event beside a list of commands', event(mention), { commands: ['/deploy'] }, false],
    ['an event of a kind that is not asked for', event(mention), { kinds: ['command'] }, false],
    ['a command that is listed', command, { commands: ['/deploy'] }, true],
    ['one that is not listed', command, { commands: ['/stop'] }, false],
    ['a type of interactions', buttonPress, { interactions: ['block_actions'] }, true],
    ['a button by its name', buttonPress, { interactions: ['approve'] }, true],
    ['another button', buttonPress, { interactions: ['refuse'] }, false],
    ['a shortcut', interaction('shortcut', { callback_id: 'new' }), { interactions: ['new'] }, true],
    ['a view', interaction('view_submission', { view: { callback_id: 'new' } }), { interactions: ['new'] }, true],
  ])('takes what is asked for: %s', (_what, body, given, starts) => {
    const { kind } = means(body, given);
    expect(kind).toBe(starts ? 'starts' : 'ignored');
  });

  const own = { ...message, user: 'U0BOT00001', bot_id: 'B1', app_id: 'A0APP00001' };
  const other = { ...message, user: 'U0OTHERBOT', bot_id: 'B2', app_id: 'A0OTHER001' };
  const changed = { type: 'message', subtype: 'message_changed', message: { ...own, edited: {} } };
  const byProfile = { ...message, user: undefined, bot_id: 'B1', bot_profile: { app_id: 'A0APP00001' } } as unknown;
  const reaction = { type: 'reaction_added', user: 'U0BOT00001', reaction: 'eyes' };
  const joined = { type: 'member_joined_channel', user: 'U0BOT00001', channel: 'C1' };
  it.each<[string, unknown, ('self' | 'bots' | 'nobody')[]]>([
    ['a message of a person', message, ['self', 'bots', 'nobody']],
    ['one of its own', own, ['nobody']],
    ['a change of one of its own', changed, ['nobody']],
    ['one of its own by profile', byProfile, ['nobody']],
    ['a reaction of its own', reaction, ['nobody']],
    ['its own coming', joined, ['self', 'bots', 'nobody']],
    ['one of another bot', other, ['self', 'nobody']],
  ])('makes no loops: %s', (_what, inner, startsWith) => {
    const started = (['self', 'bots', 'nobody'] as const).filter(
      (ignoreEventsOf) => means(event(inner as JsonObject), { ignoreEventsOf }).kind === 'starts',
    );
    expect(started).toEqual(startsWith);
    expect(means(event(inner as JsonObject)).kind).toBe(startsWith.includes('self') ? 'starts' : 'ignored');
  });

  it.each<[JsonValue, string]>([
    [null, 'BODY_NOT_KNOWN'],
    ['text', 'BODY_NOT_KNOWN'],
    [{}, 'BODY_NOT_KNOWN'],
    [{ type: 'event_callback' }, 'BODY_NOT_KNOWN'],
    [{ type: 'url_verification', challenge: 'x'.repeat(5_000) }, 'CHALLENGE_NOT_KNOWN'],
    [{ type: 'app_rate_limited', minute_rate_limited: 1 }, 'APP_RATE_LIMITED'],
    [{ payload: '{"type":' }, 'PAYLOAD_NOT_JSON'],
    [{ payload: '[]' }, 'PAYLOAD_NOT_KNOWN'],
  ])('starts nothing with %j', (body, reason) => {
    expect(means(body)).toEqual({ kind: 'ignored', reason });
  });

  it('never throws, whatever comes', () => {
    const names = [
      'type',
      'event',
      'command',
      'payload',
      'challenge',
      'authorizations',
      'message',
      'actions',
      'view',
      'user',
    ];
    const json = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('event_callback', 'url_verification', 'block_actions', 'message', ''),
        fc.constant(null),
        fc.integer(),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 6 }),
      ),
    })).value;
    const body = fc.oneof(
      json,
      json.map((payload) => ({ payload: JSON.stringify(payload) })),
      json.map((inner) => ({ type: 'event_callback', event: inner, authorizations: inner, api_app_id: 'A1' })),
      json.map((inner) => ({ ...event({ type: 'message' }), event: { type: 'message', message: inner } })),
    );
    const given = fc.constantFrom<JsonObject>(
      {},
      { ignoreEventsOf: 'bots' },
      { events: ['message'], interactions: ['a'] },
    );
    fc.assert(
      fc.property(body, given, (value, options) =>
        ['starts', 'answered', 'ignored'].includes(means(value, options).kind),
      ),
      { numRuns: 1_000 },
    );
  });

  it('says how calls prove themselves, and answers nothing that a user would see', () => {
    if (slackTrigger.runs !== 'trigger') throw new Error('it is a trigger');
    expect(slackTrigger.webhook?.proofOf(config())).toEqual({ scheme: 'slack', credentialId: 'cr_1' });
    expect(slackTrigger.webhook?.accepted).toEqual({ status: 200, body: '' });
    expect(slackTrigger.webhook?.rememberedForMs).toBeGreaterThanOrEqual(24 * 3_600_000);
  });

  it.each<[JsonObject, string[]]>([
    [{ commands: ['deploy'] }, ['commands.0']],
    [{ events: ['App Mention'] }, ['events.0']],
    [{ events: [] }, ['events']],
    [{ kinds: ['hook'] }, ['kinds.0']],
  ])('refuses %j', (given, paths) => {
    expect(refusedBy(slackTrigger, { credentialId: 'cr_1', ...given })).toEqual(paths);
  });

  it('tells of a list that is of no account', () => {
    expect(checkedBy(slackTrigger, { credentialId: 'cr_1', kinds: ['event'], commands: ['/deploy'] })).toEqual([
      'commands: is of no account without "command" in kinds',
    ]);
  });

  it('is sent in tests what a verifier takes', () => {
    const nowMs = 1_700_000_000_000;
    const verify = verifierOf(
      { scheme: 'slack', credentialId: 'cr_1', toleranceSeconds: 300 },
      { type: 'webhook.secret', data: { secret: 'good' } },
    );
    const verdictOf = ({ headers, body }: SlackSends) => verify({ headers, body: Buffer.from(body) }, nowMs);
    expect(verdictOf(sendsEvent(event(mention), { signingSecret: 'good', nowMs }))).toBeUndefined();
    expect(verdictOf(sendsCommand(command, { signingSecret: 'good', nowMs, attempt: 2 }))).toBeUndefined();
    expect(verdictOf(sendsInteraction({ type: 'shortcut' }, { signingSecret: 'bad', nowMs }))).toBe('mismatch');
  });
});
