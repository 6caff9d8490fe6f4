import type { ConnectorParts } from '#libs/connector-kit';
import { NodeError, type NodeType } from '#libs/node-kit';
import { z } from 'zod';
import * as fields from './fields.ts';
import { fieldsOf, slackAction } from './slack-action.ts';

const ofMessage = { credentialId: fields.credentialId, channel: fields.channel, ts: fields.ts };
const answer = z.looseObject({ channel: z.string(), ts: z.string() });

const updateSchema = z
  .strictObject({
    ...ofMessage,
    text: fields.text,
    blocks: fields.blocks,
    metadata: fields.metadata,
  })
  .refine(fields.saysSomething, fields.SAYS_NOTHING);

export function updateMessage(parts: ConnectorParts): NodeType {
  return slackAction<z.output<typeof updateSchema>>(
    {
      type: 'slack.message.update',
      title: 'Slack: update a message',
      description: 'Puts other content in the place of that of a message which the app has sent.',
      configSchema: updateSchema,
      examples: [
        {
          credentialId: 'cr_slack',
          channel: '{{ trigger.body.channel }}',
          ts: '{{ trigger.body.ts }}',
          text: 'Done',
        },
      ],
      usesOf: () => [{ method: 'chat.update' }],
      run: async (config, slack) => {
        const { channel, ts } = config;
        const updated = await slack.call({
          method: 'chat.update',
          repeatable: true,
          answer,
          arguments: { channel, ts, ...fields.contentOf(config) },
        });
        return fieldsOf(updated, ['channel', 'ts', 'text']);
      },
    },
    parts,
  );
}

const deleteSchema = z.strictObject(ofMessage);

export function deleteMessage(parts: ConnectorParts): NodeType {
  return slackAction<z.output<typeof deleteSchema>>(
    {
      type: 'slack.message.delete',
      title: 'Slack: delete a message',
      description: 'Deletes a message which the app has sent.',
      configSchema: deleteSchema,
      examples: [{ credentialId: 'cr_slack', channel: 'C0123456789', ts: '1700000000.000100' }],
      usesOf: () => [{ method: 'chat.delete' }],
      run: async ({ channel, ts }, slack, { attempt }) => {
        try {
          await slack.call({ method: 'chat.delete', repeatable: true, answer, arguments: { channel, ts } });
        } catch (error) {
          // An attempt before this one deleted it and did not hear so.
          if (attempt === 1 || !isGone(error)) throw error;
        }
        return { channel, ts };
      },
    },
    parts,
  );
}

function isGone(error: unknown): boolean {
  return error instanceof NodeError && error.code === 'SLACK_NOT_FOUND';
}
