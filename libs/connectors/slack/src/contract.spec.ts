import { describeConnector, type ActionScenario, type RecordedAnswer } from '#libs/connector-kit/testing';
import type { JsonObject } from '#libs/kernel';
import { slack } from './index.ts';

// Shapes are those of docs.slack.dev, the values our own.

const channel = 'C0GENERAL1';
const ts = '1700000000.000100';
const message = { type: 'message', ts, text: 'Hi', user: 'U0BOT00001' };
const ada = { id: 'U0ADA00001', name: 'ada' };
const general = { id: channel, name: 'general' };

const ok = (method: string, more: JsonObject = {}): RecordedAnswer => ({
  to: `POST /api/${method}`,
  json: { ok: true, ...more },
});
const refused = (error: string, code: string) => ({ code, answer: { json: { ok: false, error } } });

const actions: Readonly<Record<string, ActionScenario>> = {
  'slack.message.send': {
    config: { channel, text: 'Hi' },
    answers: [ok('chat.postMessage', { channel, ts, message })],
    output: { channel, ts, message },
    reliesOn: ['channel', 'ts', 'message.text'],
  },
  'slack.message.update': {
    config: { channel, ts, text: 'Hi' },
    answers: [ok('chat.update', { channel, ts, text: 'Hi' })],
    sends: { channel, ts, text: 'Hi' },
    output: { channel, ts, text: 'Hi' },
    reliesOn: ['channel', 'ts'],
  },
  'slack.message.delete': {
    config: { channel, ts },
    answers: [ok('chat.delete', { channel, ts })],
    sends: { channel, ts },
    output: { channel, ts },
    reliesOn: ['channel', 'ts'],
  },
  'slack.message.ephemeral': {
    config: { channel, user: ada.id, text: 'Hi' },
    answers: [ok('chat.postEphemeral', { message_ts: ts })],
    sends: { channel, user: ada.id, text: 'Hi' },
    output: { channel, user: ada.id, ts },
    reliesOn: ['message_ts'],
  },
  'slack.message.schedule': {
    config: { channel, text: 'Hi', postAt: '2026-12-01T09:00:00Z' },
    answers: [ok('chat.scheduleMessage', { channel, scheduled_message_id: 'Q1', post_at: 1_796_115_600 })],
    output: { channel, scheduledMessageId: 'Q1', postAt: '2026-12-01T09:00:00Z' },
    reliesOn: ['scheduled_message_id', 'post_at'],
  },
  'slack.respond': {
    config: (url) => ({ responseUrl: `${url}/commands/T0TEAM0001/1/x`, text: 'Hi' }),
    answers: [{ to: 'POST /commands/T0TEAM0001/1/x', text: 'ok' }],
    sends: { text: 'Hi' },
    output: { answered: true },
    reliesOn: [],
  },
  'slack.reaction.add': {
    config: { channel, ts, name: ':eyes:' },
    answers: [ok('reactions.add')],
    sends: { channel, timestamp: ts, name: 'eyes' },
    output: { channel, ts, name: 'eyes', changed: true },
    reliesOn: [],
  },
  'slack.reaction.remove': {
    config: { channel, ts, name: 'eyes' },
    answers: [ok('reactions.remove')],
    sends: { channel, timestamp: ts, name: 'eyes' },
    output: { channel, ts, name: 'eyes', changed: true },
    reliesOn: [],
  },
  'slack.file.upload': {
    config: { channel, name: 'a.txt', text: 'Hello' },
    answers: (url) => [
      ok('files.getUploadURLExternal', { upload_url: `${url}/upload/v1/F1`, file_id: 'F1' }),
      { to: 'POST /upload/v1/F1', text: 'OK - 5' },
      ok('files.completeUploadExternal', { files: [{ id: 'F1', title: 'a.txt' }] }),
    ],
    output: { fileId: 'F1', name: 'a.txt', bytes: 5, file: { id: 'F1', title: 'a.txt' } },
    reliesOn: ['files[0].id'],
  },
  'slack.user.find': {
    config: { email: 'ada@example.com' },
    answers: [ok('users.lookupByEmail', { user: ada })],
    sends: { email: 'ada@example.com' },
    output: { user: ada },
    reliesOn: ['user.id', 'user.name'],
  },
  'slack.channel.find': {
    config: { name: '#general' },
    answers: [ok('conversations.list', { channels: [general], response_metadata: { next_cursor: '' } })],
    output: { channel: general },
    reliesOn: ['channels[0].id'],
  },
  'slack.channel.history': {
    config: { channel, maxMessages: 1 },
    answers: [ok('conversations.history', { messages: [message], has_more: false })],
    output: { messages: [message], complete: true },
    reliesOn: ['messages[0].ts', 'messages[0].type'],
  },
  'slack.request': {
    config: { method: 'conversations.join', arguments: { channel } },
    answers: [ok('conversations.join', { channel: general })],
    sends: { channel },
    output: { ok: true, channel: general },
    reliesOn: [],
  },
};

const event = {
  type: 'event_callback',
  team_id: 'T0TEAM0001',
  api_app_id: 'A0APP00001',
  event_id: 'Ev0000001',
  event: { type: 'app_mention', user: ada.id, text: 'Hi', ts, channel },
};
const command = { command: '/deploy', text: 'api', user_id: ada.id, channel_id: channel, trigger_id: '1.2.3' };
const interaction = {
  type: 'block_actions',
  user: { id: ada.id },
  trigger_id: '1.2.4',
  actions: [{ action_id: 'approve' }],
};
const credentialId = 'cr_secret';

describeConnector(slack, {
  credentials: (url) => [
    { type: 'slack.token', data: { token: 'xoxb-token-of-the-spec', apiUrl: `${url}/api/` } },
    {
      type: 'oauth2',
      data: {
        provider: 'generic',
        grant: 'authorizationCode',
        clientId: '1234.5678',
        scopes: ['chat:write'],
        endpoints: { authorizationEndpoint: `${url}/oauth/v2/authorize`, tokenEndpoint: `${url}/api/oauth.v2.access` },
        tokens: { accessToken: 'xoxe.xoxb-token-of-the-account', tokenType: 'bot' },
      },
    },
  ],
  renewsAfter: { json: { ok: false, error: 'token_expired' } },
  codeInDoubt: 'SLACK_OUTCOME_UNKNOWN',
  failures: {
    unauthenticated: refused('invalid_auth', 'SLACK_UNAUTHENTICATED'),
    forbidden: refused('not_in_channel', 'SLACK_FORBIDDEN'),
    notFound: refused('channel_not_found', 'SLACK_NOT_FOUND'),
    conflict: null,
    invalid: refused('invalid_arguments', 'SLACK_INVALID'),
    rateLimited: 'SLACK_RATE_LIMITED',
    failed: 'SLACK_FAILED',
    away: 'SLACK_FAILED',
  },
  actions,
  triggers: {
    'trigger.slack': {
      calls: [
        {
          name: 'an event',
          config: { credentialId, events: ['app_mention'] },
          call: { headers: {}, body: { ...event, token: 'verification' } },
          meaning: { kind: 'starts', body: { kind: 'event', ...event }, key: 'slack:event:Ev0000001' },
        },
        {
          name: 'a command',
          config: { credentialId, commands: ['/deploy'] },
          call: { headers: {}, body: command },
          meaning: { kind: 'starts', body: { kind: 'command', ...command }, key: 'slack:command:1.2.3' },
        },
        {
          name: 'an interaction',
          config: { credentialId, interactions: ['approve'] },
          call: { headers: {}, body: { payload: JSON.stringify(interaction) } },
          meaning: {
            kind: 'starts',
            body: { kind: 'interaction', ...interaction },
            key: 'slack:interaction:block_actions:1.2.4',
          },
        },
        {
          name: 'the challenge',
          config: { credentialId },
          call: { headers: {}, body: { type: 'url_verification', challenge: 'abc' } },
          meaning: { kind: 'answered', answer: { status: 200, contentType: 'text/plain', body: 'abc' } },
        },
        {
          name: 'another event',
          config: { credentialId, events: ['reaction_added'] },
          call: { headers: {}, body: event },
          meaning: { kind: 'ignored', reason: 'EVENT_NOT_WANTED' },
        },
      ],
    },
  },
});
