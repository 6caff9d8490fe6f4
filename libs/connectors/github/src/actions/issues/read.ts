import { z } from 'zod';
import { defineAction } from '../../define-action.ts';
import { path, repositoryPath } from '../../paths.ts';
import { issueAnswer } from '../answers.ts';
import { credentialId, field, ifNoneMatch, inRepository, issueNumber, labels, oneOf, paging } from '../fields.ts';
import { lists, reads, withQuery } from '../kinds.ts';

const getConfig = z.strictObject({ ...inRepository, number: issueNumber, ifNoneMatch });

export const getIssue = defineAction({
  type: 'github.issue.get',
  title: 'Get an issue',
  description: 'Its output is the issue or pull request with this number, and the `etag` to ask with the next time.',
  hasSideEffects: false,
  config: getConfig,
  examples: [{ credentialId: 'cr_1', repository: 'octocat/hello-world', number: 42 }],
  does: reads(
    ({ repository, number }: z.output<typeof getConfig>) => `${repositoryPath(repository)}${path`/issues/${number}`}`,
    issueAnswer,
  ),
});

const DIRECTIONS = ['desc', 'asc'] as const;
const direction = oneOf(DIRECTIONS, { title: 'Order', description: 'Down or up.' }).optional();
const listConfig = z.strictObject({
  ...inRepository,
  state: oneOf(['open', 'closed', 'all'], { title: 'State', description: 'Default: open.' }).optional(),
  labels: field(labels.optional(), {
    title: 'Labels',
    description: 'Issues that have all of them.',
    examples: [['bug']],
  }),
  assignee: field(z.string().min(1).max(100).optional(), {
    title: 'Assignee',
    description: 'A user name, `none` or `*` for any.',
    examples: ['octocat'],
  }),
  creator: field(z.string().min(1).max(100).optional(), {
    title: 'Author',
    description: 'A user name.',
    examples: ['octocat'],
  }),
  since: field(z.iso.datetime({ offset: true }).optional(), {
    title: 'Changed since',
    description: 'An instant.',
    examples: ['2026-11-01T00:00:00Z'],
  }),
  sort: oneOf(['created', 'updated', 'comments'], { title: 'Sorted by', description: 'Default: created.' }).optional(),
  direction,
  ...paging,
});

export const listIssues = defineAction({
  type: 'github.issue.list',
  title: 'List issues',
  description: 'The issues and pull requests of a repository as `items`; `complete` says whether there are no more.',
  hasSideEffects: false,
  config: listConfig,
  examples: [{ credentialId: 'cr_1', repository: 'octocat/hello-world', state: 'open', labels: ['bug'] }],
  does: lists(
    (
      {
        repository,
        state,
        labels: names,
        assignee,
        creator,
        since,
        sort,
        direction: order,
      }: z.output<typeof listConfig>,
      query,
    ) =>
      withQuery(`${repositoryPath(repository)}/issues`, {
        ...{ state, labels: names, assignee, creator, since, sort, direction: order },
        ...query,
      }),
    issueAnswer,
  ),
});

const searchConfig = z.strictObject({
  credentialId,
  query: field(z.string().min(1).max(1_000), {
    title: 'Query',
    description: 'As in the search of GitHub.',
    examples: ['repo:octocat/hello-world is:issue is:open label:bug'],
  }),
  sort: oneOf(['created', 'updated', 'comments', 'reactions', 'interactions'], {
    title: 'Sorted by',
    description: 'Default: how well it fits.',
  }).optional(),
  direction,
  ...paging,
});

export const searchIssues = defineAction({
  type: 'github.issue.search',
  title: 'Search issues',
  description:
    'Issues and pull requests of all repositories as `items`, with `totalCount`. Searches have a limit of their own.',
  hasSideEffects: false,
  resource: 'search',
  config: searchConfig,
  examples: [{ credentialId: 'cr_1', query: 'repo:octocat/hello-world is:open label:bug' }],
  does: lists(
    ({ query: q, sort, direction: order }: z.output<typeof searchConfig>, query) =>
      withQuery('/search/issues', { q, sort, order, ...query }),
    issueAnswer,
  ),
});
