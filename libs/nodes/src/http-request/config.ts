import { isJsonObject, type JsonObject, type JsonValue, type Problem } from '#libs/kernel';
import { anyJson } from '#libs/node-kit';
import { z } from 'zod';
import { isHeaderName } from '../header-names.ts';
import { RESPONSE_MODES, type ResponseMode } from '../http-exchange/exchange.ts';
import { expectSchema, type ExpectedStatus } from './expected-status.ts';
import { fileSchema, multipartSchema, type FileContent, type Part } from './file-config.ts';
import { checkPaging, pagingSchema, type Paging } from './paging-config.ts';

/** What a query, a form or a header may hold: text, or what is written as text; null is left out. */
type Scalar = string | number | boolean | null;
export type Fields = Readonly<Record<string, Scalar | readonly Scalar[]>>;

/** Of these a request has one at most. */
export const BODIES = ['json', 'form', 'multipart', 'text', 'file'] as const;

export interface HttpRequestConfig {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  readonly url: string;
  /** Added to what the URL has; a list gives the name several times. */
  readonly query?: Fields;
  readonly headers?: Readonly<Record<string, Scalar>>;
  /** Body as JSON; of json, form, multipart, text and file at most one. */
  readonly json?: JsonValue;
  readonly form?: Fields;
  readonly multipart?: readonly Part[];
  readonly text?: string;
  readonly file?: FileContent;
  /** Of the types http.basic, http.bearer and http.header; takes the place of a header of the same name. */
  readonly credentialId?: string;
  /** Statuses that are a success; default every 2xx, and 3xx when redirects are not followed. */
  readonly expect?: readonly ExpectedStatus[];
  readonly response: ResponseMode;
  readonly followRedirects: boolean;
  /** Whether the attempt's key is sent as `Idempotency-Key`; a header of that name takes its place. */
  readonly idempotencyKey: boolean;
  /** Asks for the pages after the first too. */
  readonly paging?: Paging;
}

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const fields = z.record(z.string(), z.union([scalar, z.array(scalar)]));

export const httpRequestConfigSchema: z.ZodType<HttpRequestConfig> = z.strictObject({
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']),
  url: z.string().min(1).max(8_192),
  query: fields.optional(),
  headers: z.record(z.string(), scalar).optional(),
  json: anyJson().optional(),
  form: fields.optional(),
  multipart: multipartSchema.optional(),
  text: z.string().optional(),
  file: fileSchema.optional(),
  credentialId: z.string().min(1).max(100).optional().meta({
    description: 'The id of a credential of type http.basic, http.bearer, http.header or oauth2; no expression.',
  }),
  expect: expectSchema.optional(),
  response: z.enum(RESPONSE_MODES).default('auto'),
  followRedirects: z.boolean().default(true),
  idempotencyKey: z.boolean().default(true).meta({
    description: 'Sends Idempotency-Key, the same for every attempt, unless headers have one.',
  }),
  paging: pagingSchema.optional(),
});

/** What can be told before an expression is evaluated and does not show in the shape. */
export function checkHttpRequest(config: JsonObject): Problem[] {
  return [...checkBodies(config), ...checkUrl(config.url), ...checkHeaders(config.headers), ...checkPaging(config)];
}

function checkBodies(config: JsonObject): Problem[] {
  const [first, ...others] = BODIES.filter((body) => config[body] !== undefined);
  return others.map((body) => ({ path: body, message: `stands beside ${first}; a request has one body` }));
}

function checkUrl(url: JsonValue | undefined): Problem[] {
  if (typeof url !== 'string' || url === '' || url.includes('{{')) return [];
  const message = urlProblem(URL.parse(url));
  return message === undefined ? [] : [{ path: 'url', message }];
}

function urlProblem(url: URL | null): string | undefined {
  if (!url) return 'is not a URL; one looks like https://example.com/path';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with http:// or https://';
  return url.username === '' && url.password === '' ? undefined : 'must not hold a user or a password';
}

function checkHeaders(headers: JsonValue | undefined): Problem[] {
  if (!isJsonObject(headers)) return [];
  return Object.entries(headers).flatMap(([name, value]) => {
    const path = `headers[${JSON.stringify(name.slice(0, 64))}]`;
    if (!isHeaderName(name)) return [{ path, message: 'is not a header name' }];
    if (typeof value === 'string' && /[\r\n]/.test(value)) return [{ path, message: 'must not hold a line break' }];
    return [];
  });
}
