import { z } from 'zod';
import { defineAction } from '../../define-action.ts';
import { changedFileAnswer } from '../answers.ts';
import { field, inRepository } from '../fields.ts';
import { bodyOf, writes } from '../kinds.ts';
import { contentsPath, pathInRepository } from './contents-path.ts';

const FILE = { credentialId: 'cr_1', repository: 'octocat/hello-world', path: 'docs/index.md' };
const sha = z.string().regex(/^[0-9a-f]{40,64}$/, 'must be a SHA in hex');
const ofCommit = {
  message: field(z.string().min(1).max(65_536), {
    title: 'Message',
    description: 'Of the commit.',
    examples: ['docs: the new index'],
  }),
  branch: field(z.string().min(1).max(255).optional(), {
    title: 'Branch',
    description: 'Default: the default branch.',
    examples: ['main'],
  }),
};

const putConfig = z
  .strictObject({
    ...inRepository,
    path: pathInRepository,
    ...ofCommit,
    text: field(z.string().max(1_048_576).optional(), {
      title: 'Text',
      description: 'The content, as UTF-8; or `contentBase64`.',
      examples: ['# Welcome'],
    }),
    contentBase64: field(z.base64().max(1_398_104).optional(), {
      title: 'Bytes',
      description: 'The content, as base64; or `text`.',
      examples: ['IyBXZWxjb21l'],
    }),
    sha: field(sha.optional(), {
      title: 'In place of',
      description:
        'The `sha` of the file as it is; without it the file must be new. Another one is an error GITHUB_CONFLICT.',
      examples: ['95b966ae1c166bd92f8ae7d1c313e738c731dfc3'],
    }),
  })
  .refine(({ text, contentBase64 }) => (text === undefined) !== (contentBase64 === undefined), {
    path: ['text'],
    message: 'or contentBase64 is needed, and not both',
  });

export const putFile = defineAction({
  type: 'github.file.put',
  title: 'Write a file',
  description: 'Makes or changes a file by a commit; its output is `{content, commit}`. At most 1 MiB.',
  hasSideEffects: true,
  config: putConfig,
  examples: [{ ...FILE, text: '# Welcome', message: 'docs: the new index' }],
  does: writes(
    ({ repository, path, message, branch, text, contentBase64, sha: old }: z.output<typeof putConfig>) => ({
      method: 'PUT',
      path: contentsPath(repository, path),
      body: bodyOf({ message, branch, sha: old, content: contentBase64 ?? Buffer.from(text ?? '').toString('base64') }),
      // A second one meets another file than the one that it is to take the place of.
      isRepeatable: true,
    }),
    changedFileAnswer,
  ),
});

const deleteConfig = z.strictObject({
  ...inRepository,
  path: pathInRepository,
  ...ofCommit,
  sha: field(sha, {
    title: 'As it is',
    description: 'The `sha` of the file; another one is an error GITHUB_CONFLICT.',
    examples: ['95b966ae1c166bd92f8ae7d1c313e738c731dfc3'],
  }),
});

export const deleteFile = defineAction({
  type: 'github.file.delete',
  title: 'Delete a file',
  description: 'By a commit; its output is `{commit}`, with `content` null.',
  hasSideEffects: true,
  config: deleteConfig,
  examples: [{ ...FILE, sha: '95b966ae1c166bd92f8ae7d1c313e738c731dfc3', message: 'docs: no index' }],
  does: writes(
    ({ repository, path, message, branch, sha: old }: z.output<typeof deleteConfig>) => ({
      method: 'DELETE',
      path: contentsPath(repository, path),
      body: bodyOf({ message, branch, sha: old }),
      isRepeatable: true,
    }),
    changedFileAnswer,
  ),
});
