import { z } from 'zod';
import { defineAction } from '../../define-action.ts';
import { repositoryPath } from '../../paths.ts';
import { releaseAnswer } from '../answers.ts';
import { body, field, ifNoneMatch, inRepository, paging } from '../fields.ts';
import { bodyOf, lists, reads, withQuery, writes } from '../kinds.ts';

const REPOSITORY = { credentialId: 'cr_1', repository: 'octocat/hello-world' };
const flag = z.boolean().optional();

const createConfig = z.strictObject({
  ...inRepository,
  tag: field(z.string().min(1).max(255), {
    title: 'Tag',
    description: 'Made if it is not there.',
    examples: ['v1.2.0'],
  }),
  target: field(z.string().min(1).max(255).optional(), {
    title: 'At',
    description: 'A branch or commit for a tag that is not there. Default: the default branch.',
    examples: ['main'],
  }),
  name: field(z.string().max(255).optional(), { title: 'Name', description: 'Default: none.', examples: ['1.2.0'] }),
  body: body.optional(),
  draft: field(flag, { title: 'Draft', description: 'Not to be seen yet.', examples: [false] }),
  prerelease: field(flag, { title: 'Pre-release', description: 'Not for everybody.', examples: [false] }),
  generateNotes: field(flag, {
    title: 'Notes',
    description: 'GitHub writes what has changed behind the text.',
    examples: [true],
  }),
});

export const createRelease = defineAction({
  type: 'github.release.create',
  title: 'Create a release',
  description: 'Its output is the release. A second one of the same tag is an error GITHUB_VALIDATION.',
  hasSideEffects: true,
  config: createConfig,
  examples: [{ ...REPOSITORY, tag: 'v1.2.0', generateNotes: true }],
  does: writes(
    ({
      repository,
      tag,
      target,
      name,
      body: text,
      draft,
      prerelease,
      generateNotes,
    }: z.output<typeof createConfig>) => ({
      method: 'POST',
      path: `${repositoryPath(repository)}/releases`,
      body: bodyOf({
        ...{ tag_name: tag, target_commitish: target, name, body: text, draft, prerelease },
        generate_release_notes: generateNotes,
      }),
    }),
    releaseAnswer,
  ),
});

const latestConfig = z.strictObject({ ...inRepository, ifNoneMatch });

export const getLatestRelease = defineAction({
  type: 'github.release.latest',
  title: 'Get the latest release',
  description: 'The newest that is neither a draft nor a pre-release; none is an error GITHUB_NOT_FOUND.',
  hasSideEffects: false,
  config: latestConfig,
  examples: [REPOSITORY],
  does: reads(
    ({ repository }: z.output<typeof latestConfig>) => `${repositoryPath(repository)}/releases/latest`,
    releaseAnswer,
  ),
});

const listConfig = z.strictObject({ ...inRepository, ...paging });

export const listReleases = defineAction({
  type: 'github.release.list',
  title: 'List releases',
  description: 'Of a repository, newest first, as `items`.',
  hasSideEffects: false,
  config: listConfig,
  examples: [REPOSITORY],
  does: lists(
    ({ repository }: z.output<typeof listConfig>, query) => withQuery(`${repositoryPath(repository)}/releases`, query),
    releaseAnswer,
  ),
});
