import type { ConnectorParts } from '#libs/connector-kit';
import type { JsonValue } from '#libs/kernel';
import type { NodeType } from '#libs/node-kit';
import { z } from 'zod';
import type { Slack } from '../client.ts';
import { pageOf } from '../pages.ts';
import * as fields from './fields.ts';
import { slackAction } from './slack-action.ts';

/** As Slack recommends. */
const LARGEST_PAGE = 200;

const bound = (title: string, description: string) =>
  z
    .string()
    .regex(/^\d{1,12}(\.\d{1,9})?$/, 'must be a ts, such as 1700000000.000100')
    .optional()
    .meta({ title, description, examples: ['1700000000.000100'] });

const configSchema = z.strictObject({
  credentialId: fields.credentialId,
  channel: fields.channel,
  threadTs: fields.threadTs.meta({
    title: 'Thread',
    description:
      'The `ts` of a message: it and its answers are read, oldest first. Without it the channel, newest first.',
    examples: ['1700000000.000100'],
  }),
  oldest: bound('After', 'Only messages after this `ts`.'),
  latest: bound('Before', 'Only messages before this `ts`.'),
  inclusive: z
    .boolean()
    .optional()
    .meta({ title: 'Inclusive', description: 'Whether those at the bounds are read, too.', examples: [true] }),
  maxMessages: z
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .meta({ title: 'Messages', description: 'At most so many are read.', examples: [100] }),
});
type Config = z.output<typeof configSchema>;

const answer = z.looseObject({ messages: z.array(z.looseObject({ type: z.string(), ts: z.string() })) });

export function channelHistory(parts: ConnectorParts): NodeType {
  return slackAction<Config>(
    {
      type: 'slack.channel.history',
      title: 'Slack: read messages',
      description:
        'Reads messages of a channel or of a thread. `complete` of the output says whether there are no more within the bounds.',
      configSchema,
      examples: [
        { credentialId: 'cr_slack', channel: 'C0123456789', maxMessages: 20 },
        {
          credentialId: 'cr_slack',
          channel: '{{ trigger.body.event.channel }}',
          threadTs: '{{ trigger.body.event.thread_ts }}',
        },
      ],
      usesOf: (config) => [{ method: methodOf(config) }],
      run: readHistory,
    },
    parts,
  );
}

function methodOf({ threadTs }: Config): string {
  return threadTs === undefined ? 'conversations.history' : 'conversations.replies';
}

async function readHistory(config: Config, slack: Slack): Promise<JsonValue> {
  const { channel, threadTs, oldest, latest, inclusive, maxMessages } = config;
  const messages: JsonValue[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(LARGEST_PAGE, maxMessages - messages.length);
    const call = {
      method: methodOf(config),
      repeatable: true,
      answer,
      arguments: { channel, ts: threadTs, oldest, latest, inclusive, limit, cursor },
    };
    const page = await pageOf(slack, call, 'messages');
    messages.push(...page.items);
    // A page without messages would go on for ever.
    cursor = page.items.length === 0 ? undefined : page.cursor;
  } while (cursor !== undefined && messages.length < maxMessages);
  return { messages: messages.slice(0, maxMessages), complete: cursor === undefined };
}
