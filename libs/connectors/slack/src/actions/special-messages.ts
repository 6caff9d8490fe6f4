import type { ConnectorParts } from '#libs/connector-kit';
import type { NodeType } from '#libs/node-kit';
import { z } from 'zod';
import * as fields from './fields.ts';
import { fieldsOf, slackAction } from './slack-action.ts';

const content = {
  credentialId: fields.credentialId,
  channel: fields.channel,
  text: fields.text,
  blocks: fields.blocks,
  threadTs: fields.threadTs,
};

const ephemeralSchema = z
  .strictObject({ ...content, user: fields.user })
  .refine(fields.saysSomething, fields.SAYS_NOTHING);

export function sendEphemeral(parts: ConnectorParts): NodeType {
  return slackAction<z.output<typeof ephemeralSchema>>(
    {
      type: 'slack.message.ephemeral',
      title: 'Slack: show a message to one person',
      description: 'Shows one member of a channel a message that nobody else sees, and that is gone after a while.',
      configSchema: ephemeralSchema,
      examples: [{ credentialId: 'cr_slack', channel: 'C0123456789', user: 'U0123456789', text: 'Only you see this' }],
      usesOf: () => [{ method: 'chat.postEphemeral' }],
      run: async (config, slack) => {
        const { channel, user, threadTs } = config;
        const shown = await slack.call({
          method: 'chat.postEphemeral',
          repeatable: false,
          answer: z.looseObject({ message_ts: z.string() }),
          arguments: { channel, user, ...fields.contentOf(config), thread_ts: threadTs },
        });
        return { channel, user, ts: shown['message_ts'] ?? null };
      },
    },
    parts,
  );
}

const scheduleSchema = z
  .strictObject({
    ...content,
    metadata: fields.metadata,
    postAt: z.iso.datetime({ offset: true }).meta({
      title: 'When',
      description: 'An instant within the next 120 days.',
      examples: ['2026-12-01T09:00:00Z'],
    }),
  })
  .refine(fields.saysSomething, fields.SAYS_NOTHING);

export function scheduleMessage(parts: ConnectorParts): NodeType {
  return slackAction<z.output<typeof scheduleSchema>>(
    {
      type: 'slack.message.schedule',
      title: 'Slack: schedule a message',
      description: 'Has Slack post a message to a channel later, at an instant within the next 120 days.',
      configSchema: scheduleSchema,
      examples: [
        { credentialId: 'cr_slack', channel: 'C0123456789', text: 'Stand-up', postAt: '2026-12-01T09:00:00Z' },
      ],
      usesOf: () => [{ method: 'chat.scheduleMessage' }],
      run: async (config, slack) => {
        const { channel, threadTs, postAt } = config;
        const scheduled = await slack.call({
          method: 'chat.scheduleMessage',
          repeatable: false,
          answer: z.looseObject({ channel: z.string(), scheduled_message_id: z.string(), post_at: z.number() }),
          arguments: {
            channel,
            ...fields.contentOf(config),
            thread_ts: threadTs,
            post_at: Math.floor(Date.parse(postAt) / 1_000),
          },
        });
        const { scheduled_message_id: scheduledMessageId } = fieldsOf(scheduled, ['scheduled_message_id']);
        return { ...fieldsOf(scheduled, ['channel']), scheduledMessageId, postAt };
      },
    },
    parts,
  );
}
