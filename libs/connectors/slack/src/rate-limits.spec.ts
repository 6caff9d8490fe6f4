import type { JsonObject } from '#libs/kernel';
import { createOutboundHttp } from '#libs/outbound-http';
import { slack } from './index.ts';

describe('limits of Slack', () => {
  const http = createOutboundHttp({ allowPrivateNetwork: false });
  const nodeTypes = slack.nodeTypes({ http, clock: { nowMs: () => 0 }, version: '1.2.3' });
  afterAll(() => http[Symbol.asyncDispose]());

  const limitsOf = (type: string, config: JsonObject) => {
    const node = nodeTypes.find((one) => one.type === type);
    if (node?.runs !== 'executor') throw new Error(`there is no action ${type}`);
    const parsed = node.configSchema.parse({ credentialId: 'cr_1', ...config });
    const quotas = node.quotasOf?.(parsed) ?? [];
    return [
      node.destinationOf?.(parsed),
      ...quotas.map(({ key, limit, perMs }) => `${key} ${limit}/${perMs / 1_000}s`),
    ];
  };

  it.each<[string, JsonObject, string[]]>([
    [
      'slack.message.send',
      { channel: 'C1', text: 'a' },
      ['cr_1@slack/chat.postMessage', 'cr_1@slack/chat.postMessage/C1 1/1s'],
    ],
    [
      'slack.message.update',
      { channel: 'C1', ts: '1.1', text: 'a' },
      ['cr_1@slack/chat.update', 'cr_1@slack/chat.update 50/60s'],
    ],
    ['slack.user.find', { userId: 'U123' }, ['cr_1@slack/users.info', 'cr_1@slack/users.info 100/60s']],
    ['slack.channel.find', { name: 'a' }, ['cr_1@slack/conversations.list', 'cr_1@slack/conversations.list 20/60s']],
    [
      'slack.file.upload',
      { text: 'a' },
      [
        'cr_1@slack/files.completeUploadExternal',
        'cr_1@slack/files.completeUploadExternal 100/60s',
        'cr_1@slack/files.getUploadURLExternal 100/60s',
      ],
    ],
    ['slack.request', { method: 'some.other' }, ['cr_1@slack/some.other', 'cr_1@slack/some.other 20/60s']],
    ['slack.request', { method: 'auth.test' }, ['cr_1@slack/auth.test']],
    [
      'slack.request',
      { method: 'chat.postMessage', arguments: { channel: 'C1' } },
      ['cr_1@slack/chat.postMessage', 'cr_1@slack/chat.postMessage/C1 1/1s'],
    ],
  ])('of %s with %j', (type, config, limits) => {
    expect(limitsOf(type, config)).toEqual(limits);
  });
});
