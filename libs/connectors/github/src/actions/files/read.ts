import { isJsonObject, type JsonObject } from '#libs/kernel';
import { NodeError } from '#libs/node-kit';
import { z } from 'zod';
import { defineAction, type GitHub } from '../../define-action.ts';
import { path, repositoryPath } from '../../paths.ts';
import { fileAnswer } from '../answers.ts';
import { field, ifNoneMatch, inRepository, oneOf } from '../fields.ts';
import { bodyOf, etagOf } from '../kinds.ts';
import { contentsPath, pathInRepository } from './contents-path.ts';

const LARGEST_BYTES = 10 * 1_048_576;

const config = z.strictObject({
  ...inRepository,
  path: pathInRepository,
  ref: field(z.string().min(1).max(255).optional(), {
    title: 'At',
    description: 'A branch, tag or commit. Default: the default branch.',
    examples: ['main'],
  }),
  as: oneOf(['auto', 'text', 'base64'], {
    title: 'Content',
    description: '`auto`: text where it is UTF-8, else base64.',
  }).default('auto'),
  ifNoneMatch,
});
type Config = z.output<typeof config>;

export const getFile = defineAction({
  type: 'github.file.get',
  title: 'Get a file',
  description:
    'Its output is `{path, sha, size, html_url, text}`, or `contentBase64` in place of `text`, and `etag`. At most 10 MiB. A folder is an error GITHUB_NOT_A_FILE.',
  hasSideEffects: false,
  config,
  examples: [{ credentialId: 'cr_1', repository: 'octocat/hello-world', path: 'README.md' }],
  does: async (given, github) => {
    const answer = await github.call({
      method: 'GET',
      path: contentsPath(given.repository, given.path, { ref: given.ref }),
      ifNoneMatch: given.ifNoneMatch,
    });
    if (answer.status === 304) return { notModified: true, etag: given.ifNoneMatch ?? null };
    const file = fileIn(answer.data, given);
    github.expect(fileAnswer, file);
    const bytes = await bytesOf(file, given, github);
    return { ...metadataOf(file), ...contentOf(bytes, given), etag: etagOf(answer), notModified: false };
  },
});

function fileIn(data: unknown, { path: at }: Config): JsonObject {
  if (isJsonObject(data) && (data.type === undefined || data.type === 'file')) return data;
  const found = isJsonObject(data) && typeof data.type === 'string' ? data.type : 'folder';
  throw new NodeError('GITHUB_NOT_A_FILE', `${at} is a ${found}`, { retryable: false, destination: 'answered' });
}

/** Above 1 MiB the answer has no content, and names the blob that has it. */
async function bytesOf(file: JsonObject, { repository, path: at }: Config, github: GitHub): Promise<Uint8Array> {
  const { content, encoding, size, sha } = file;
  if (encoding === 'base64' && typeof content === 'string') return Buffer.from(content, 'base64');
  if (typeof size === 'number' && size > LARGEST_BYTES)
    throw new NodeError('GITHUB_FILE_TOO_LARGE', `${at} has ${size} bytes; at most ${LARGEST_BYTES} are taken`, {
      retryable: false,
      destination: 'answered',
    });
  const { data } = await github.call({
    method: 'GET',
    path: `${repositoryPath(repository)}${path`/git/blobs/${typeof sha === 'string' ? sha : ''}`}`,
    accept: 'application/vnd.github.raw+json',
  });
  return data instanceof Uint8Array ? data : Buffer.from(JSON.stringify(data));
}

function metadataOf({ path: at, sha, size, html_url }: JsonObject): JsonObject {
  return bodyOf({ path: at, sha, size, html_url });
}

function contentOf(bytes: Uint8Array, { as, path: at }: Config): JsonObject {
  const text = as === 'base64' ? undefined : utf8In(bytes);
  if (text !== undefined) return { text };
  if (as !== 'text') return { contentBase64: Buffer.from(bytes).toString('base64') };
  const message = `${at} is no text in UTF-8; take it as base64`;
  throw new NodeError('GITHUB_FILE_NOT_TEXT', message, { retryable: false, destination: 'answered' });
}

function utf8In(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
