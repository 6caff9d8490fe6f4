import type { ConnectorParts } from '#libs/connector-kit';
import type { NodeType } from '#libs/node-kit';
import { z } from 'zod';
import * as fields from './fields.ts';
import { ifMissing, orNothing } from './missing.ts';
import { slackAction } from './slack-action.ts';

const configSchema = z
  .strictObject({
    credentialId: fields.credentialId,
    email: z
      .email()
      .max(320)
      .optional()
      .meta({ title: 'E-mail', description: 'Of the user; or give userId.', examples: ['ada@example.com'] }),
    userId: fields.user
      .optional()
      .meta({ title: 'User', description: 'The id of the user; or give email.', examples: ['U0123456789'] }),
    ifMissing: ifMissing('user'),
  })
  .refine(({ email, userId }) => (email === undefined) !== (userId === undefined), {
    path: ['email'],
    message: 'must be given, or userId must, and not both',
  });

const answer = z.looseObject({ user: z.looseObject({ id: z.string(), name: z.string() }) });

export function findUser(parts: ConnectorParts): NodeType {
  return slackAction<z.output<typeof configSchema>>(
    {
      type: 'slack.user.find',
      title: 'Slack: find a user',
      description: 'Looks up a user by e-mail address or id; the output has what Slack knows of the user.',
      configSchema,
      examples: [
        { credentialId: 'cr_slack', email: 'ada@example.com' },
        { credentialId: 'cr_slack', userId: '{{ trigger.body.event.user }}', ifMissing: 'continue' },
      ],
      usesOf: ({ email }) => [{ method: email === undefined ? 'users.info' : 'users.lookupByEmail' }],
      run: async ({ email, userId, ifMissing: missing }, slack) => {
        const found = await orNothing(missing, () =>
          slack.call({
            method: email === undefined ? 'users.info' : 'users.lookupByEmail',
            repeatable: true,
            answer,
            arguments: email === undefined ? { user: userId } : { email },
          }),
        );
        return { user: found?.['user'] ?? null };
      },
    },
    parts,
  );
}
