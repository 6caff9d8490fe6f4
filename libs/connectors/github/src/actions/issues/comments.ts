import { z } from 'zod';
import { defineAction } from '../../define-action.ts';
import { path, repositoryPath } from '../../paths.ts';
import { commentAnswer } from '../answers.ts';
import { body, field, inRepository, issueNumber, paging } from '../fields.ts';
import { lists, withQuery, writes } from '../kinds.ts';

const ISSUE = { credentialId: 'cr_1', repository: 'octocat/hello-world', number: 42 };
const createConfig = z.strictObject({ ...inRepository, number: issueNumber, body });

export const createComment = defineAction({
  type: 'github.comment.create',
  title: 'Comment on an issue',
  description: 'Or on a pull request; its output is the comment.',
  hasSideEffects: true,
  config: createConfig,
  examples: [{ ...ISSUE, body: 'Fixed in {{ trigger.body.version }}.' }],
  does: writes(
    ({ repository, number, body: text }: z.output<typeof createConfig>) => ({
      method: 'POST',
      path: `${repositoryPath(repository)}${path`/issues/${number}/comments`}`,
      body: { body: text },
    }),
    commentAnswer,
  ),
});

const listConfig = z.strictObject({
  ...inRepository,
  number: issueNumber,
  since: field(z.iso.datetime({ offset: true }).optional(), {
    title: 'Changed since',
    description: 'An instant.',
    examples: ['2026-11-01T00:00:00Z'],
  }),
  ...paging,
});

export const listComments = defineAction({
  type: 'github.comment.list',
  title: 'List comments',
  description: 'Of an issue or pull request, oldest first, as `items`.',
  hasSideEffects: false,
  config: listConfig,
  examples: [ISSUE],
  does: lists(
    ({ repository, number, since }: z.output<typeof listConfig>, query) =>
      withQuery(`${repositoryPath(repository)}${path`/issues/${number}/comments`}`, { since, ...query }),
    commentAnswer,
  ),
});
