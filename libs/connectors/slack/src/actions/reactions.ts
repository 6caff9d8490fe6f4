import type { ConnectorParts } from '#libs/connector-kit';
import { isJsonObject } from '#libs/kernel';
import { NodeError, type NodeType } from '#libs/node-kit';
import { z } from 'zod';
import * as fields from './fields.ts';
import { slackAction } from './slack-action.ts';

const configSchema = z.strictObject({
  credentialId: fields.credentialId,
  channel: fields.channel,
  ts: fields.ts,
  name: z
    .string()
    .regex(/^:?[^\s:]{1,100}(::skin-tone-[2-6])?:?$/, 'must be the name of an emoji, such as thumbsup')
    .meta({ title: 'Emoji', description: 'Its name, with or without colons.', examples: ['thumbsup'] }),
});

const examples = [
  {
    credentialId: 'cr_slack',
    channel: '{{ trigger.body.event.channel }}',
    ts: '{{ trigger.body.event.ts }}',
    name: 'eyes',
  },
];

interface Change {
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly method: string;
  /** What Slack says when there is nothing to change. */
  readonly nothingToDo: string;
}

export function addReaction(parts: ConnectorParts): NodeType {
  const change = {
    type: 'slack.reaction.add',
    title: 'Slack: add a reaction',
    description: 'Adds an emoji to a message. That it is there already is no error.',
    method: 'reactions.add',
    nothingToDo: 'already_reacted',
  };
  return reactionAction(change, parts);
}

export function removeReaction(parts: ConnectorParts): NodeType {
  const change = {
    type: 'slack.reaction.remove',
    title: 'Slack: remove a reaction',
    description: 'Takes an emoji of the app from a message. That it is not there is no error.',
    method: 'reactions.remove',
    nothingToDo: 'no_reaction',
  };
  return reactionAction(change, parts);
}

/** `changed` of the output says whether it was as wanted before. */
function reactionAction({ method, nothingToDo, ...told }: Change, parts: ConnectorParts): NodeType {
  return slackAction<z.output<typeof configSchema>>(
    {
      ...told,
      configSchema,
      examples,
      usesOf: () => [{ method }],
      run: async ({ channel, ts, name: written }, slack) => {
        const name = written.replace(/^:|:$/g, '');
        try {
          const args = { channel, timestamp: ts, name };
          await slack.call({ method, repeatable: true, answer: z.looseObject({}), arguments: args });
          return { channel, ts, name, changed: true };
        } catch (error) {
          if (!saidBy(error, nothingToDo)) throw error;
          return { channel, ts, name, changed: false };
        }
      },
    },
    parts,
  );
}

function saidBy(error: unknown, word: string): boolean {
  return error instanceof NodeError && isJsonObject(error.options.details) && error.options.details['error'] === word;
}
