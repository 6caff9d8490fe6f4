import { defineNodeType, type NodeType } from '#libs/node-kit';
import type { GitHubParts } from '../define-action.ts';
import { triggerConfigSchema, triggerProblems, type GitHubTriggerConfig } from './config.ts';
import { receive } from './receive.ts';
import { registration } from './registration.ts';

/** GitHub sends up to 25 MiB, which nobody should take for a trigger: what is above starts nothing. */
const LARGEST_BODY_BYTES = 16 * 1_048_576;
/** People may have GitHub send a delivery again for 3 days. */
const REMEMBERED_MS = 7 * 86_400_000;

export function githubTrigger(parts: GitHubParts): NodeType {
  return defineNodeType<GitHubTriggerConfig>({
    type: 'trigger.github',
    kind: 'trigger',
    title: 'GitHub trigger',
    description:
      'Starts an execution for each event of a repository or an organisation. Its output is the call: `body` is the payload as GitHub gives it, `headers["x-github-event"]` the event and `headers["x-github-delivery"]` the delivery, which starts one execution however often it comes.',
    runs: 'trigger',
    configSchema: triggerConfigSchema,
    outputsOf: () => ['main'],
    check: triggerProblems,
    examples: [
      { repository: 'octocat/hello-world', events: ['issues'], actions: ['opened'], credentialId: 'cr_1' },
      { events: ['push'], secretCredentialId: 'cr_2' },
    ],
    webhook: {
      maxBodyBytes: LARGEST_BODY_BYTES,
      proofOf: ({ secretCredentialId }) => ({
        scheme: 'github',
        ...(secretCredentialId === undefined ? {} : { credentialId: secretCredentialId }),
      }),
      receive,
      rememberedForMs: REMEMBERED_MS,
      accepted: { status: 202, body: '' },
      registration: registration(parts),
    },
  });
}
