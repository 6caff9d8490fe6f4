import { defineNodeType, type NodeType } from '#libs/node-kit';
import { checkSlackTrigger, slackTriggerConfigSchema, type SlackTriggerConfig } from './config.ts';
import { receive } from './receive.ts';

/** Slack sends an event again at once, after a minute and after five, and with delayed events each hour for a day. */
const REMEMBERED_FOR_MS = 25 * 3_600_000;
/** A view may hold 100 blocks of 3,000 letters, in a form. */
const MAX_BODY_BYTES = 2 * 1_048_576;

export const slackTrigger: NodeType = defineNodeType<SlackTriggerConfig>({
  type: 'trigger.slack',
  kind: 'trigger',
  title: 'Slack trigger',
  description:
    'Starts an execution for events, slash commands and interactions of a Slack app; `kind` of its body says which, the rest is as Slack documents it.',
  runs: 'trigger',
  configSchema: slackTriggerConfigSchema,
  examples: [
    { credentialId: 'cr_signing', events: ['app_mention'] },
    { credentialId: 'cr_signing', commands: ['/deploy'] },
    { credentialId: 'cr_signing', kinds: ['interaction'], interactions: ['approve_deployment'] },
  ],
  outputsOf: () => ['main'],
  check: checkSlackTrigger,
  webhook: {
    maxBodyBytes: MAX_BODY_BYTES,
    proofOf: ({ credentialId }) => ({ scheme: 'slack', credentialId }),
    receive,
    rememberedForMs: REMEMBERED_FOR_MS,
    // A body would be shown to the user as the answer of a command.
    accepted: { status: 200, body: '' },
  },
});
