import type { JsonObject, JsonValue } from '#libs/kernel';
import { anyJson } from '#libs/node-kit';
import { z } from 'zod';
import { API_VERSIONS } from '../../api-versions.ts';
import type { GitHubAnswer } from '../../client.ts';
import { defineAction, type GitHub } from '../../define-action.ts';
import { invalidRequest } from '../../failures.ts';
import { resourceOfPath } from '../../rate-limits.ts';
import { credentialId, field, ifNoneMatch, maxItems, oneOf } from '../fields.ts';
import { collect, etagOf } from '../kinds.ts';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const config = z
  .strictObject({
    credentialId,
    method: oneOf(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], { title: 'Method', description: 'Default: GET.' }).default(
      'GET',
    ),
    path: field(
      z
        .string()
        .max(2_000)
        .regex(/^\/[^?#\\\s]*$/, 'must begin with a slash and hold no query'),
      {
        title: 'Path',
        description: 'As in the documentation of the API.',
        examples: ['/repos/octocat/hello-world/topics'],
      },
    ),
    query: field(z.record(z.string(), scalar).optional(), {
      title: 'Query',
      description: 'Null is left out.',
      examples: [{ page: 1 }],
    }),
    json: field(anyJson().optional(), {
      title: 'Body',
      description: 'As JSON.',
      examples: [{ names: ['automation'] }],
    }),
    accept: field(
      z
        .string()
        .max(200)
        .regex(/^[\x20-\x7e]+$/)
        .optional(),
      {
        title: 'Media type',
        description: 'Of the answer; default JSON.',
        examples: ['application/vnd.github.diff'],
      },
    ),
    paging: field(z.boolean().default(false), {
      title: 'All pages',
      description: 'The items of all pages together, where the answer is a list. Of GET alone.',
      examples: [true],
    }),
    maxItems,
    ifNoneMatch,
    repeatable: field(z.boolean().optional(), {
      title: 'May be repeated',
      description:
        'Whether doing it twice does no harm; if not, a person is asked when no answer came. Default: all methods but POST and PATCH.',
      examples: [true],
    }),
    apiVersion: oneOf(API_VERSIONS, {
      title: 'Version of the API',
      description: 'Default: the newest that is known here.',
    }).optional(),
  })
  .refine(({ paging, method }) => !paging || method === 'GET', { path: ['paging'], message: 'is of GET alone' });
type Config = z.output<typeof config>;

export const request = defineAction({
  type: 'github.request',
  title: 'Call the GitHub API',
  description:
    'Whatever the API has; its output is `{status, body, etag, notModified}`, with `paging` `{items, complete, etag, notModified}`.',
  hasSideEffects: true,
  config,
  examples: [
    { credentialId: 'cr_1', path: '/repos/octocat/hello-world/topics' },
    { credentialId: 'cr_1', method: 'PUT', path: '/repos/octocat/hello-world/topics', json: { names: ['automation'] } },
  ],
  resource: ({ path }: Config) => resourceOfPath(path),
  does: (given: Config, github) => (given.paging ? allPages(given, github) : oneAnswer(given, github)),
});

async function allPages(given: Config, github: GitHub): Promise<JsonValue> {
  const listed = await collect(github, pathOf(given, { per_page: Math.min(100, given.maxItems) }), given);
  if (listed.kind === 'notModified') return { notModified: true, etag: given.ifNoneMatch ?? null };
  const { kind: _, ...output } = listed;
  return { ...output, notModified: false };
}

async function oneAnswer(given: Config, github: GitHub): Promise<JsonValue> {
  const { method, json, accept, ifNoneMatch: etag, repeatable = method !== 'POST' && method !== 'PATCH' } = given;
  const answer = await github.call({
    method,
    path: pathOf(given),
    ...(json === undefined ? {} : { body: json }),
    ...(accept === undefined ? {} : { accept }),
    ifNoneMatch: etag,
    isRepeatable: repeatable,
  });
  if (answer.status === 304) return { notModified: true, etag: etag ?? null };
  return { status: answer.status, body: bodyIn(answer), etag: etagOf(answer), notModified: false };
}

/** Throws for a path that leads out of the API, since URLs take `..` and `%2e%2e` for the folder above. */
function pathOf({ path, query = {} }: Config, more: Readonly<Record<string, number>> = {}): string {
  const url = new URL(path.replace(/^\/+/, '/'), 'http://api');
  if (path.split('/').some((part) => /^(\.|%2e){1,2}$/i.test(part)))
    throw invalidRequest('the path must not hold `.` or `..`');
  for (const [name, value] of Object.entries({ ...more, ...query }))
    if (value !== null) url.searchParams.set(name, String(value));
  return `${url.pathname}${url.search}`;
}

function bodyIn({ data, headers }: GitHubAnswer): JsonValue {
  if (!(data instanceof Uint8Array)) return data;
  const contentType = String(headers['content-type'] ?? '');
  const bytes = Buffer.from(data);
  const isText = /^text\//i.test(contentType) || /charset=utf-8/i.test(contentType);
  return isText ? bytes.toString('utf8') : ({ contentType, base64: bytes.toString('base64') } satisfies JsonObject);
}
