import { isJsonObject, type JsonValue } from '#libs/kernel';
import { checkedBy, refusedAtPublish, refusedBy } from '#libs/nodes/testing';
import { createOutboundHttp } from '#libs/outbound-http';
import { z } from 'zod';
import { slackToken } from './credentials.ts';
import { slack } from './index.ts';

describe('slack', () => {
  const http = createOutboundHttp({ allowPrivateNetwork: false });
  const nodeTypes = slack.nodeTypes({ http, clock: { nowMs: () => 0 }, version: '1.2.3' });
  afterAll(() => http[Symbol.asyncDispose]());

  it('has these node types', () => {
    expect(nodeTypes.map(({ type }) => type)).toEqual([
      'trigger.slack',
      'slack.message.send',
      'slack.message.update',
      'slack.message.delete',
      'slack.message.ephemeral',
      'slack.message.schedule',
      'slack.respond',
      'slack.reaction.add',
      'slack.reaction.remove',
      'slack.file.upload',
      'slack.user.find',
      'slack.channel.find',
      'slack.channel.history',
      'slack.request',
    ]);
  });

  it.each(nodeTypes.map((nodeType) => [nodeType.type, nodeType] as const))(
    '%s tells what each field is, and its examples are good',
    (_type, nodeType) => {
      expect(untoldIn(z.toJSONSchema(nodeType.configSchema, { io: 'input', unrepresentable: 'any' }))).toEqual([]);
      expect(nodeType.examples?.length).toBeGreaterThan(0);
      for (const example of nodeType.examples ?? []) {
        const isTrigger = nodeType.kind === 'trigger';
        expect(isTrigger ? refusedBy(nodeType, example) : refusedAtPublish(nodeType, example)).toEqual([]);
        expect(checkedBy(nodeType, example)).toEqual([]);
      }
    },
  );

  it('has a credential whose messages never repeat what was given', () => {
    expect(slackToken.data.parse(slackToken.example)).toEqual(slackToken.example);
    const refused = slackToken.data.safeParse({ token: 'canary' });
    expect(refused.success).toBe(false);
    expect(JSON.stringify(refused.error)).not.toContain('canary');
    expect(slackToken.secretsOf({ token: 'xoxb-1' })).toEqual(['xoxb-1']);
    expect(untoldIn(z.toJSONSchema(slackToken.data, { io: 'input', unrepresentable: 'any' }))).toEqual([]);
  });
});

/** Fields, at any depth, without a title, a description or examples. */
function untoldIn(schema: unknown, path = ''): string[] {
  const { properties } = isJsonObject(schema) ? schema : {};
  if (!isJsonObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, field]: [string, JsonValue]) => {
    const here = path === '' ? name : `${path}.${name}`;
    const told = isJsonObject(field) ? [field['title'], field['description'], field['examples']] : [];
    return [...(told.length > 0 && told.every((one) => one !== undefined) ? [] : [here]), ...untoldIn(field, here)];
  });
}
