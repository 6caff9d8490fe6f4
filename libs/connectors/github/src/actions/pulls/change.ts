import { z } from 'zod';
import { defineAction } from '../../define-action.ts';
import { path, repositoryPath } from '../../paths.ts';
import { mergeAnswer, pullAnswer, reviewAnswer } from '../answers.ts';
import { body, field, inRepository, oneOf, pullNumber, title } from '../fields.ts';
import { bodyOf, writes } from '../kinds.ts';

const REPOSITORY = { credentialId: 'cr_1', repository: 'octocat/hello-world' };
const sha = z.string().regex(/^[0-9a-f]{40,64}$/, 'must be a commit, in hex');
const branch = z.string().min(1).max(300);

const createConfig = z.strictObject({
  ...inRepository,
  title,
  head: field(branch, {
    title: 'From',
    description: 'The branch with the changes; of another repository as `owner:branch`.',
    examples: ['fix-windows'],
  }),
  base: field(branch, { title: 'Into', description: 'The branch that gets them.', examples: ['main'] }),
  body: body.optional(),
  draft: field(z.boolean().optional(), { title: 'Draft', description: 'Not ready yet.', examples: [true] }),
});

export const createPull = defineAction({
  type: 'github.pull.create',
  title: 'Create a pull request',
  description: 'Its output is the pull request. A second one of the same branches is an error GITHUB_VALIDATION.',
  hasSideEffects: true,
  config: createConfig,
  examples: [{ ...REPOSITORY, title: 'Build on Windows', head: 'fix-windows', base: 'main' }],
  does: writes(
    ({ repository, credentialId: _, ...fields }: z.output<typeof createConfig>) => ({
      method: 'POST',
      path: `${repositoryPath(repository)}/pulls`,
      body: bodyOf(fields),
    }),
    pullAnswer,
  ),
});

const mergeConfig = z.strictObject({
  ...inRepository,
  number: pullNumber,
  method: oneOf(['merge', 'squash', 'rebase'], { title: 'How', description: 'Default: merge.' }).optional(),
  sha: field(sha.optional(), {
    title: 'Only if at',
    description: 'The commit that its branch must be at; another one is an error GITHUB_CONFLICT.',
    examples: ['6dcb09b5b57875f334f61aebed695e2e4193db5e'],
  }),
  commitTitle: field(z.string().max(1_000).optional(), {
    title: 'Title of the commit',
    description: 'Default: what GitHub makes.',
    examples: ['Build on Windows (#42)'],
  }),
  commitMessage: field(z.string().max(65_536).optional(), {
    title: 'Text of the commit',
    description: 'Default: what GitHub makes.',
    examples: ['The paths were wrong.'],
  }),
});

export const mergePull = defineAction({
  type: 'github.pull.merge',
  title: 'Merge a pull request',
  description:
    'Its output is `{sha, merged, message}`. One that cannot be merged, or is merged already, is an error GITHUB_NOT_ALLOWED.',
  hasSideEffects: true,
  config: mergeConfig,
  examples: [{ ...REPOSITORY, number: 42, method: 'squash' }],
  does: writes(
    ({ repository, number, method, sha: at, commitTitle, commitMessage }: z.output<typeof mergeConfig>) => ({
      method: 'PUT',
      path: `${repositoryPath(repository)}${path`/pulls/${number}/merge`}`,
      body: bodyOf({ merge_method: method, sha: at, commit_title: commitTitle, commit_message: commitMessage }),
      isRepeatable: true,
    }),
    mergeAnswer,
  ),
});

const reviewConfig = z.strictObject({
  ...inRepository,
  number: pullNumber,
  verdict: oneOf(['COMMENT', 'APPROVE', 'REQUEST_CHANGES'], {
    title: 'Verdict',
    description: 'All but APPROVE need a text.',
  }),
  body: body.optional(),
  commit: field(sha.optional(), {
    title: 'Commit',
    description: 'That was looked at. Default: the newest.',
    examples: ['6dcb09b5b57875f334f61aebed695e2e4193db5e'],
  }),
  comments: field(
    z
      .array(
        z.strictObject({
          path: field(z.string().min(1).max(1_000), {
            title: 'Path',
            description: 'Of the file, from the root of the repository.',
            examples: ['src/main.ts'],
          }),
          line: field(z.int().min(1), { title: 'Line', description: 'Of the file.', examples: [12] }),
          side: oneOf(['LEFT', 'RIGHT'], { title: 'Side', description: 'LEFT is the old state.' }).optional(),
          body: field(z.string().min(1).max(65_536), { title: 'Text', description: 'Markdown.', examples: ['Why?'] }),
        }),
      )
      .max(100)
      .optional(),
    {
      title: 'Comments',
      description: 'On lines of the changes; `side` LEFT is the old state.',
      examples: [[{ path: 'src/main.ts', line: 12, body: 'Why?' }]],
    },
  ),
});

export const createReview = defineAction({
  type: 'github.review.create',
  title: 'Review a pull request',
  description: 'With a verdict and comments on lines; its output is the review.',
  hasSideEffects: true,
  config: reviewConfig,
  examples: [{ ...REPOSITORY, number: 42, verdict: 'COMMENT', body: 'All tests passed.' }],
  does: writes(
    ({ repository, number, verdict, body: text, commit, comments }: z.output<typeof reviewConfig>) => ({
      method: 'POST',
      path: `${repositoryPath(repository)}${path`/pulls/${number}/reviews`}`,
      body: bodyOf({ event: verdict, body: text, commit_id: commit, comments: comments?.map(bodyOf) }),
    }),
    reviewAnswer,
  ),
});
