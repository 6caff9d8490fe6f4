import { isJsonObject, type JsonObject, type JsonValue, type Problem } from '#libs/kernel';
import { z } from 'zod';
import { jsonPathSchema } from './json-path.ts';

/** How the page after one is found. */
export type Paging = PagingBounds &
  (
    | /** RFC 8288: the header `Link` with `rel="next"`. */ { readonly kind: 'link' }
    | /** The response holds the URL. */ { readonly kind: 'url'; readonly next: string }
    | ({ readonly kind: 'cursor'; /** Where the response holds it. */ readonly cursor: string } & PageParameter)
    | ({ readonly kind: 'page' } & PageNumbers & PageParameter)
  );

export interface PagingBounds {
  readonly maxPages: number;
  /** Where a page holds its items; they become one list. Without it the bodies are the list. */
  readonly items?: string;
}

/** What tells the server which page: a field of the query, or of the JSON body. */
export interface PageParameter {
  readonly param: string;
  readonly in: 'query' | 'json';
}

export interface PageNumbers {
  readonly from: number;
  /** The last one asked for; without it a page without items is the last. */
  readonly until?: number;
  readonly step: number;
}

const bounds = {
  maxPages: z.int().min(1).max(100).default(10),
  items: jsonPathSchema.optional().meta({ description: 'Path of the items in a page, such as data; $ is all of it.' }),
};
const parameter = { param: z.string().min(1).max(256), in: z.enum(['query', 'json']).default('query') };
const pageNumber = z.int().min(0);

export const pagingSchema: z.ZodType<Paging> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('link'), ...bounds }),
  z.strictObject({ kind: z.literal('url'), next: jsonPathSchema, ...bounds }),
  z.strictObject({ kind: z.literal('cursor'), cursor: jsonPathSchema, ...parameter, ...bounds }),
  z.strictObject({
    kind: z.literal('page'),
    from: pageNumber.default(1),
    until: pageNumber.optional(),
    step: z.int().min(1).default(1),
    ...parameter,
    ...bounds,
  }),
]);

const PATHS = ['items', 'next', 'cursor'] as const;

/** What of the paging can be told before the config is evaluated, and does not show in its shape. */
export function checkPaging(config: JsonObject): Problem[] {
  const { paging } = config;
  if (!isJsonObject(paging)) return [];
  return [
    ...PATHS.filter((name) => isTemplate(paging[name])).map((name) => ({
      path: `paging.${name}`,
      message:
        'must be a path into the response, such as meta.next; expressions are evaluated before the first request',
    })),
    ...(paging.in === 'json' && config.json === undefined
      ? [{ path: 'paging.in', message: 'is json, so the request must have json, an object' }]
      : []),
    ...PATHS.filter((name) => paging[name] !== undefined && isNoJson(config.response)).map((name) => ({
      path: `paging.${name}`,
      message: 'needs responses that are JSON; response is text or file',
    })),
  ];
}

function isTemplate(value: JsonValue | undefined): boolean {
  return typeof value === 'string' && value.includes('{{');
}

function isNoJson(response: JsonValue | undefined): boolean {
  return response === 'text' || response === 'file';
}
