import { isJsonObject, type JsonObject, type Problem } from '#libs/kernel';
import { z } from 'zod';

const KINDS = ['event', 'command', 'interaction'] as const;
export type CallKind = (typeof KINDS)[number];

/** The list that narrows each kind. */
export const LISTS = { event: 'events', command: 'commands', interaction: 'interactions' } as const;

const list = (item: z.ZodType<string>, title: string, description: string, examples: string[]) =>
  z
    .array(item)
    .min(1)
    .max(100)
    .optional()
    .meta({ title, description, examples: [examples] });

const word = z.string().min(1).max(255);

export const slackTriggerConfigSchema = z.strictObject({
  credentialId: z
    .string()
    .min(1)
    .max(100)
    .meta({
      title: 'Signing secret',
      description: 'The id of a credential of type webhook.secret with the signing secret of the app; no expression.',
      examples: ['cr_01m8h21xymtwny6eeg28sms6ktnp2maatgw2'],
    }),
  kinds: z
    .array(z.enum(KINDS))
    .min(1)
    .max(KINDS.length)
    .optional()
    .meta({
      title: 'Kinds',
      description: 'What starts executions. Default: the kinds that a list below is given for; all without any list.',
      examples: [['event']],
    }),
  events: list(
    word.regex(/^[a-z_]+(\.[a-z_]+)?$/, 'must be the type of an event, such as app_mention or message.channels'),
    'Events',
    'Types of events, as the app subscribes to them. `message` is every message; default all.',
    ['app_mention', 'message.im'],
  ),
  commands: list(
    word.regex(/^\/[^\s]+$/, 'must be a command with its slash, such as /deploy'),
    'Commands',
    'Slash commands; default all.',
    ['/deploy'],
  ),
  interactions: list(
    word,
    'Interactions',
    'Types such as `block_actions`, or what the app named: a `callback_id` or an `action_id`; default all.',
    ['approve_deployment', 'view_submission'],
  ),
  ignoreEventsOf: z
    .enum(['self', 'bots', 'nobody'])
    .default('self')
    .meta({
      title: 'Ignore events of',
      description:
        '`self`: what the app itself did, such as a message that a workflow sent, which would start it again. `bots`: what any app did. `nobody`: nothing is ignored.',
      examples: ['bots'],
    }),
});
export type SlackTriggerConfig = z.output<typeof slackTriggerConfigSchema>;

export function kindsOf(config: SlackTriggerConfig): readonly CallKind[] {
  if (config.kinds) return config.kinds;
  const listed = KINDS.filter((kind) => config[LISTS[kind]] !== undefined);
  return listed.length > 0 ? listed : KINDS;
}

/** A list of a kind that starts nothing would be of no account. */
export function checkSlackTrigger(config: JsonObject): readonly Problem[] {
  const { kinds } = config;
  if (!isJsonObject(config) || !Array.isArray(kinds)) return [];
  return KINDS.filter((kind) => config[LISTS[kind]] !== undefined && !kinds.includes(kind)).map((kind) => ({
    path: LISTS[kind],
    message: `is of no account without "${kind}" in kinds`,
  }));
}
