import type { ConnectorParts } from '#libs/connector-kit';
import { isJsonObject, type JsonObject } from '#libs/kernel';
import { NodeError, type NodeType } from '#libs/node-kit';
import { z } from 'zod';
import type { Slack } from '../client.ts';
import { pageOf } from '../pages.ts';
import * as fields from './fields.ts';
import { ifMissing, orNothing } from './missing.ts';
import { slackAction } from './slack-action.ts';

const LARGEST_PAGE = 1_000;

const configSchema = z
  .strictObject({
    credentialId: fields.credentialId,
    name: z
      .string()
      .regex(/^#?[^\s#]{1,80}$/, 'must be the name of a channel, such as general')
      .optional()
      .meta({
        title: 'Name',
        description: 'Of the channel, with or without #; or give channelId.',
        examples: ['general'],
      }),
    channelId: fields.channel
      .optional()
      .meta({ title: 'Id', description: 'Of the channel; or give name.', examples: ['C0123456789'] }),
    includePrivate: z
      .boolean()
      .default(false)
      .meta({
        title: 'Private ones too',
        description: 'Those that the app was invited to; needs the scope groups:read.',
        examples: [true],
      }),
    maxPages: z
      .int()
      .min(1)
      .max(20)
      .default(5)
      .meta({
        title: 'Pages',
        description:
          'At most so many pages of 1,000 channels are looked through for a name; Slack lets 20 be read in a minute.',
        examples: [5],
      }),
    ifMissing: ifMissing('channel'),
  })
  .refine(({ name, channelId }) => (name === undefined) !== (channelId === undefined), {
    path: ['name'],
    message: 'must be given, or channelId must, and not both',
  });
type Config = z.output<typeof configSchema>;

const channel = z.looseObject({ id: z.string(), name: z.string() });

export function findChannel(parts: ConnectorParts): NodeType {
  return slackAction<Config>(
    {
      type: 'slack.channel.find',
      title: 'Slack: find a channel',
      description: 'Looks up a channel by name or id. Slack has no search by name, so pages are looked through.',
      configSchema,
      examples: [
        { credentialId: 'cr_slack', name: 'general' },
        { credentialId: 'cr_slack', channelId: '{{ trigger.body.event.channel }}', ifMissing: 'continue' },
      ],
      usesOf: ({ name }) => [{ method: name === undefined ? 'conversations.info' : 'conversations.list' }],
      run: async (config, slack) => {
        const { name, channelId } = config;
        const found = await orNothing(config.ifMissing, () =>
          name === undefined ? byId(slack, channelId) : byName(slack, name.replace(/^#/, ''), config),
        );
        return { channel: found ?? null };
      },
    },
    parts,
  );
}

async function byId(slack: Slack, channelId: string | undefined): Promise<JsonObject | undefined> {
  const answer = await slack.call({
    method: 'conversations.info',
    repeatable: true,
    answer: z.looseObject({ channel: z.looseObject({ id: z.string() }) }),
    arguments: { channel: channelId },
  });
  return isJsonObject(answer['channel']) ? answer['channel'] : undefined;
}

async function byName(slack: Slack, name: string, { includePrivate, maxPages }: Config): Promise<JsonObject> {
  let cursor: string | undefined;
  for (let page = 1; page <= maxPages; page++) {
    const call = {
      method: 'conversations.list',
      repeatable: true,
      answer: z.looseObject({ channels: z.array(channel) }),
      arguments: {
        types: includePrivate ? 'public_channel,private_channel' : 'public_channel',
        exclude_archived: true,
        limit: LARGEST_PAGE,
        cursor,
      },
    };
    const { items, cursor: next } = await pageOf(slack, call, 'channels');
    const found = items.find((one) => isJsonObject(one) && one['name'] === name);
    if (isJsonObject(found)) return found;
    if (next === undefined) throw notFound(`there is no channel ${name} that the app sees`);
    cursor = next;
  }
  throw notFound(`the channel ${name} is not within the first ${maxPages} pages, and there are more`);
}

function notFound(message: string): NodeError {
  return new NodeError('SLACK_NOT_FOUND', message, {
    retryable: false,
    destination: 'answered',
    details: { method: 'conversations.list', error: 'channel_not_found' },
  });
}
