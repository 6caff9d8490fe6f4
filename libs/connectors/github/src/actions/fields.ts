import type { JsonValue } from '#libs/kernel';
import { z } from 'zod';

/** What people see of a field. */
export function field<Schema extends z.ZodType>(
  schema: Schema,
  {
    title,
    description,
    examples,
  }: { readonly title: string; readonly description: string; readonly examples: readonly JsonValue[] },
): Schema {
  return schema.meta({ title, description, examples: [...examples] });
}

export const credentialId = field(z.string().min(1).max(100), {
  title: 'Credential',
  description: 'The id of a credential of type github.token, github.app or oauth2; no expression.',
  examples: ['cr_01m8jtedrj0000000000000000'],
});

export const repository = field(
  z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+$/, 'must be owner/name'),
  { title: 'Repository', description: 'As `owner/name`.', examples: ['octocat/hello-world'] },
);

/** Of an action on a repository. */
export const inRepository = { credentialId, repository };

export const issueNumber = field(z.int().min(1), {
  title: 'Number',
  description: 'Of the issue or pull request, as in its URL.',
  examples: [42],
});
export const pullNumber = field(z.int().min(1), {
  title: 'Number',
  description: 'Of the pull request, as in its URL.',
  examples: [42],
});

export const title = field(z.string().min(1).max(1_000), {
  title: 'Title',
  description: 'One line.',
  examples: ['The build fails on Windows'],
});
export const body = field(z.string().max(65_536), {
  title: 'Text',
  description: 'Markdown.',
  examples: ['It fails since `v1.2.0`.'],
});
const login = z.string().min(1).max(100);
export const logins = field(z.array(login).max(100), {
  title: 'Assignees',
  description: 'User names. GitHub leaves out those who cannot be assigned.',
  examples: [['octocat']],
});
export const oneLogin = login;
/** GitHub's labels are no longer than 50; more are refused there, and not here. */
export const labels = field(z.array(z.string().min(1).max(200)).max(100), {
  title: 'Labels',
  description: 'Names; GitHub makes those that are not there yet.',
  examples: [['bug']],
});
export const milestone = field(z.union([z.int().min(1), z.null()]), {
  title: 'Milestone',
  description: 'Its number; null for none.',
  examples: [3],
});

const MOST_ITEMS = 1_000;
export const maxItems = field(z.int().min(1).max(MOST_ITEMS).default(100), {
  title: 'Most items',
  description: `Pages are asked for until there are so many, at most ${MOST_ITEMS}.`,
  examples: [100],
});
export const ifNoneMatch = field(
  z
    .string()
    .max(200)
    .regex(/^(W\/)?"[\x21\x23-\x7e]*"$/, 'must be an ETag with its quotes')
    .optional(),
  {
    title: 'If it has changed',
    description:
      'The `etag` of an earlier output: if nothing has changed since, the output is `{notModified: true}`, and GitHub does not count the call.',
    examples: ['W/"644b5b0155e6404a9cc4bd9d8b1ae730"'],
  },
);

/** Of an action that lists. */
export const paging = { maxItems, ifNoneMatch };

export function oneOf<const Values extends readonly [string, ...string[]]>(
  values: Values,
  told: { readonly title: string; readonly description: string },
) {
  return field(z.enum(values), { ...told, examples: [values[0]] });
}
