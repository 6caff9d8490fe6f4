import type { ConnectorParts } from '#libs/connector-kit';
import { isJsonObject, type JsonObject } from '#libs/kernel';
import { anyJsonObject, type NodeType } from '#libs/node-kit';
import { z } from 'zod';
import { slackAction } from './slack-action.ts';
import * as fields from './fields.ts';

/** They answer with secrets, which would be recorded; or the SDK makes something else of them, such as reading local files. */
const REFUSED = /^(oauth\.|openid\.|tooling\.|rtm\.|apps\.(connections|auth)\.|auth\.revoke$|files\.uploadV2$)/;
/** What only looks may be done twice. */
const LOOKS = /^search\.|\.(list|info|get[A-Za-z]*|lookup[A-Za-z]*|history|replies|members|test)$/;

const configSchema = z.strictObject({
  credentialId: fields.credentialId,
  method: z
    .string()
    .max(100)
    .regex(/^[a-z][A-Za-z]*(\.[A-Za-z0-9]+){1,4}$/, 'must be a method of the Web API, such as conversations.join')
    .refine((method) => !REFUSED.test(method), 'is not for workflows: it deals in tokens or local files')
    .meta({
      title: 'Method',
      description: 'Of the Web API, see https://docs.slack.dev/reference/methods.',
      examples: ['conversations.join'],
    }),
  arguments: anyJsonObject()
    .refine((given) => !Object.hasOwn(given, 'token'), 'must not hold a token; the credential is sent')
    .default({})
    .meta({
      title: 'Arguments',
      description: 'As the page of the method names them.',
      examples: [{ channel: 'C0123456789' }],
    }),
});

export function request(parts: ConnectorParts): NodeType {
  return slackAction<z.output<typeof configSchema>>(
    {
      type: 'slack.request',
      title: 'Slack: call a method',
      description: "Calls any method of Slack's Web API; the output is what Slack answered.",
      configSchema,
      examples: [{ credentialId: 'cr_slack', method: 'conversations.join', arguments: { channel: 'C0123456789' } }],
      usesOf: ({ method, arguments: given }) => [{ method, channel: textOf(given['channel']) }],
      run: async ({ method, arguments: given }, slack) =>
        withoutAdditions(
          await slack.call({ method, repeatable: LOOKS.test(method), answer: z.looseObject({}), arguments: given }),
        ),
    },
    parts,
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Without what the SDK took from headers. */
function withoutAdditions({ response_metadata: metadata, ...answer }: JsonObject): JsonObject {
  if (!isJsonObject(metadata)) return answer;
  const { scopes: _, acceptedScopes: __, retryAfter: ___, ...rest } = metadata;
  return Object.keys(rest).length > 0 ? { ...answer, response_metadata: rest } : answer;
}
