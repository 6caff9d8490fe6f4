import { createHash } from 'node:crypto';
import type { ConnectorParts } from '#libs/connector-kit';
import type { NodeType } from '#libs/node-kit';
import { z } from 'zod';
import * as fields from './fields.ts';
import { fieldsOf, slackAction } from './slack-action.ts';

const configSchema = z
  .strictObject({
    credentialId: fields.credentialId,
    channel: fields.channel,
    text: fields.text,
    blocks: fields.blocks,
    threadTs: fields.threadTs,
    replyBroadcast: z
      .boolean()
      .optional()
      .meta({
        title: 'Also to the channel',
        description: 'Whether an answer in a thread is seen in the channel too.',
        examples: [true],
      }),
    unfurlLinks: fields.unfurl('links'),
    unfurlMedia: fields.unfurl('media'),
    metadata: fields.metadata,
  })
  .refine(fields.saysSomething, fields.SAYS_NOTHING);

const answer = z.looseObject({ channel: z.string(), ts: z.string(), message: z.looseObject({ text: z.string() }) });

export function sendMessage(parts: ConnectorParts): NodeType {
  return slackAction<z.output<typeof configSchema>>(
    {
      type: 'slack.message.send',
      title: 'Slack: send a message',
      description:
        'Posts a message to a channel, a thread or a person. When Slack took it and never answered, a person is asked instead of sending it twice.',
      configSchema,
      examples: [
        { credentialId: 'cr_slack', channel: 'C0123456789', text: 'Deployed *api* to production' },
        {
          credentialId: 'cr_slack',
          channel: '#general',
          text: 'Seen, thanks',
          threadTs: '{{ trigger.body.event.ts }}',
        },
      ],
      usesOf: ({ channel }) => [{ method: 'chat.postMessage', channel }],
      run: async (config, slack, { idempotencyKey }) => {
        const { channel, threadTs, replyBroadcast, unfurlLinks, unfurlMedia } = config;
        const sent = await slack.call({
          method: 'chat.postMessage',
          repeatable: false,
          answer,
          arguments: {
            channel,
            ...fields.contentOf(config),
            thread_ts: threadTs,
            reply_broadcast: replyBroadcast,
            unfurl_links: unfurlLinks,
            unfurl_media: unfurlMedia,
            client_msg_id: messageIdOf(idempotencyKey),
          },
        });
        return fieldsOf(sent, ['channel', 'ts', 'message']);
      },
    },
    parts,
  );
}

/**
 * A UUID that is the same for every attempt. Slack names it in its errors and in its messages and not among the arguments of
 * the method: it may know a message by it that was sent before, and nothing here relies on that.
 */
function messageIdOf(idempotencyKey: string): string {
  const hex = createHash('sha256').update(`slack.message.send ${idempotencyKey}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
