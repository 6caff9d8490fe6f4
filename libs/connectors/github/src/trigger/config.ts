import type { JsonObject, Problem } from '#libs/kernel';
import { z } from 'zod';
import { field, repository } from '../actions/fields.ts';

export interface GitHubTriggerConfig {
  readonly repository?: string | undefined;
  readonly organization?: string | undefined;
  readonly events: readonly string[] | '*';
  readonly actions?: readonly string[] | undefined;
  readonly credentialId?: string | undefined;
  readonly secretCredentialId?: string | undefined;
}

const id = z.string().min(1).max(100);
const name = z.string().regex(/^[a-z_]{1,100}$/, 'must be a name as GitHub writes it, such as pull_request');

export const triggerConfigSchema: z.ZodType<GitHubTriggerConfig> = z
  .strictObject({
    repository: field(repository.optional(), {
      title: 'Repository',
      description: 'As `owner/name`: where the hook is made, and calls of others start nothing.',
      examples: ['octocat/hello-world'],
    }),
    organization: field(
      z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/, 'must be the name of an organisation')
        .optional(),
      {
        title: 'Organisation',
        description: 'Instead of a repository: all that happens in it.',
        examples: ['octo-org'],
      },
    ),
    events: field(z.union([z.literal('*'), z.array(name).min(1).max(100)]), {
      title: 'Events',
      description: 'Which start executions; `*` for all.',
      examples: [['issues', 'pull_request'], '*'],
    }),
    actions: field(z.array(name).min(1).max(100).optional(), {
      title: 'Actions',
      description: 'Of the events that have any, these alone.',
      examples: [['opened', 'reopened']],
    }),
    credentialId: field(id.optional(), {
      title: 'Credential',
      description:
        'Of type github.token, github.app or oauth2: the hook is made when the workflow is activated, and removed when it is not active any more.',
      examples: ['cr_01m8jtedrj0000000000000000'],
    }),
    secretCredentialId: field(id.optional(), {
      title: 'Secret',
      description: 'Of type webhook.secret: what a hook signs with that was made by hand.',
      examples: ['cr_01m8jtedrj0000000000000000'],
    }),
  })
  .superRefine((config, context) => {
    for (const { path, message } of triggerProblems(config))
      context.addIssue({ code: 'custom', path: path === '' ? [] : [path], message });
  });

/** What does not show in the shape; of a config as written, perhaps malformed. */
export function triggerProblems(config: JsonObject | GitHubTriggerConfig): readonly Problem[] {
  const { repository: of, organization, credentialId, secretCredentialId } = config;
  const isRegistered = credentialId !== undefined;
  if (isRegistered === (secretCredentialId !== undefined))
    return [{ path: 'credentialId', message: 'or secretCredentialId is needed, and not both' }];
  if (of !== undefined && organization !== undefined)
    return [{ path: 'organization', message: 'stands beside repository; a hook belongs to one of them' }];
  if (isRegistered && of === undefined && organization === undefined)
    return [{ path: 'repository', message: 'or organization is needed, for the hook to be made there' }];
  return [];
}
