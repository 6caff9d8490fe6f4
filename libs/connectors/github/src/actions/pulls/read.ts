import { z } from 'zod';
import { defineAction } from '../../define-action.ts';
import { path, repositoryPath } from '../../paths.ts';
import { pullAnswer } from '../answers.ts';
import { field, ifNoneMatch, inRepository, oneOf, paging, pullNumber } from '../fields.ts';
import { lists, reads, withQuery } from '../kinds.ts';

const getConfig = z.strictObject({ ...inRepository, number: pullNumber, ifNoneMatch });

export const getPull = defineAction({
  type: 'github.pull.get',
  title: 'Get a pull request',
  description: 'Its output is the pull request, and the `etag` to ask with the next time.',
  hasSideEffects: false,
  config: getConfig,
  examples: [{ credentialId: 'cr_1', repository: 'octocat/hello-world', number: 42 }],
  does: reads(
    ({ repository, number }: z.output<typeof getConfig>) => `${repositoryPath(repository)}${path`/pulls/${number}`}`,
    pullAnswer,
  ),
});

const listConfig = z.strictObject({
  ...inRepository,
  state: oneOf(['open', 'closed', 'all'], { title: 'State', description: 'Default: open.' }).optional(),
  head: field(z.string().min(1).max(300).optional(), {
    title: 'From',
    description: 'Those from this branch, as `owner:branch`.',
    examples: ['octocat:fix-windows'],
  }),
  base: field(z.string().min(1).max(255).optional(), {
    title: 'Into',
    description: 'Those into this branch.',
    examples: ['main'],
  }),
  sort: oneOf(['created', 'updated', 'popularity', 'long-running'], {
    title: 'Sorted by',
    description: 'Default: created.',
  }).optional(),
  direction: oneOf(['desc', 'asc'], { title: 'Order', description: 'Down or up.' }).optional(),
  ...paging,
});

export const listPulls = defineAction({
  type: 'github.pull.list',
  title: 'List pull requests',
  description: 'Of a repository, as `items`.',
  hasSideEffects: false,
  config: listConfig,
  examples: [{ credentialId: 'cr_1', repository: 'octocat/hello-world', base: 'main' }],
  does: lists(
    ({ repository, state, head, base, sort, direction }: z.output<typeof listConfig>, query) =>
      withQuery(`${repositoryPath(repository)}/pulls`, { state, head, base, sort, direction, ...query }),
    pullAnswer,
  ),
});
