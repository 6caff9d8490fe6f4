import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { z } from 'zod';
import type { GitHubAnswer, GitHubPage, GitHubRequest } from '../client.ts';
import type { GitHub } from '../define-action.ts';
import { queryOf } from '../paths.ts';

interface Conditional {
  readonly ifNoneMatch?: string | undefined;
}
interface Paged extends Conditional {
  readonly maxItems: number;
}
type Does<Config> = (config: Config, github: GitHub) => Promise<JsonValue>;

const LARGEST_PAGE = 100;

/** One thing: as GitHub gives it, with `etag` and `notModified`. */
export function reads<Config extends Conditional>(
  pathOf: (config: Config) => string,
  answerSchema: z.ZodType,
): Does<Config> {
  return async (config, github) => {
    const answer = await github.call({ method: 'GET', path: pathOf(config), ifNoneMatch: config.ifNoneMatch });
    if (answer.status === 304) return notModified(config);
    github.expect(answerSchema, answer.data);
    const data = jsonOf(answer);
    return { ...(isJsonObject(data) ? data : { value: data }), etag: etagOf(answer), notModified: false };
  };
}

/**
 * Several things: `{items, complete, etag, notModified}`, with `totalCount` where GitHub counts them. `complete` is false when
 * there are more than were asked for.
 */
export function lists<Config extends Paged>(
  pathOf: (config: Config, query: Readonly<Record<'per_page', number>>) => string,
  itemSchema: z.ZodType,
): Does<Config> {
  const itemsSchema = z.array(itemSchema);
  return async (config, github) => {
    const path = pathOf(config, { per_page: Math.min(LARGEST_PAGE, config.maxItems) });
    const listed = await collect(github, path, config);
    if (listed.kind === 'notModified') return notModified(config);
    const { kind: _, ...output } = listed;
    github.expect(itemsSchema, output.items);
    return { ...output, notModified: false };
  };
}

type Collected =
  | { readonly kind: 'notModified' }
  | {
      readonly kind: 'collected';
      readonly items: JsonValue[];
      readonly complete: boolean;
      readonly etag: string | null;
      readonly totalCount?: number;
    };

/** Of the first page are the ETag and the count. */
export async function collect(github: GitHub, path: string, { maxItems, ifNoneMatch }: Paged): Promise<Collected> {
  const items: JsonValue[] = [];
  let first: GitHubPage | undefined;
  let complete = true;
  for await (const page of github.pages({ path, ifNoneMatch })) {
    if (page.status === 304) return { kind: 'notModified' };
    first ??= page;
    items.push(...page.items);
    complete = items.length <= maxItems && !hasNext(page);
    if (items.length >= maxItems) break;
  }
  const told = { etag: first ? etagOf(first) : null, ...countOf(first) };
  return { kind: 'collected', items: items.slice(0, maxItems), complete, ...told };
}

function hasNext({ headers }: GitHubPage): boolean {
  return /rel="next"/.test(String(headers.link ?? ''));
}

function countOf(page: GitHubPage | undefined): { readonly totalCount?: number } {
  return page?.totalCount === undefined ? {} : { totalCount: page.totalCount };
}

/** Makes or changes something: the output is that, as GitHub gives it. */
export function writes<Config>(
  requestOf: (config: Config) => Omit<GitHubRequest, 'accept' | 'ifNoneMatch'>,
  answerSchema: z.ZodType,
): Does<Config> {
  return async (config, github) => {
    const answer = await github.call(requestOf(config));
    github.expect(answerSchema, answer.data);
    return jsonOf(answer);
  };
}

/** What of a config has a value, under GitHub's names. */
export function bodyOf(fields: Readonly<Record<string, JsonValue | readonly JsonValue[] | undefined>>): JsonObject {
  const present = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return Object.fromEntries(present) as JsonObject;
}

export function withQuery(path: string, fields: Parameters<typeof queryOf>[0]): string {
  return `${path}${queryOf(fields)}`;
}

export function etagOf({ headers }: Pick<GitHubAnswer, 'headers'>): string | null {
  return headers.etag === undefined ? null : String(headers.etag);
}

function notModified({ ifNoneMatch = null }: { readonly ifNoneMatch?: string | null | undefined }): JsonObject {
  return { notModified: true, etag: ifNoneMatch };
}

/** Whatever it is: what is not as expected is told as drift, and the work was done. */
export function jsonOf({ data }: Pick<GitHubAnswer, 'data'>): JsonValue {
  return data instanceof Uint8Array ? { base64: Buffer.from(data).toString('base64') } : data;
}
