import type { IncomingHttpHeaders } from 'node:http';
import { isDeeperThan, MAX_JSON_DEPTH, MillraceError, type JsonObject, type JsonValue } from '#libs/kernel';
import { fieldsOf } from './fields.ts';
import { multipartOf } from './multipart-body.ts';

/** A call of a webhook URL, as it came. */
export interface WebhookCall {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
  readonly ip: string;
  readonly receivedAt: string;
}

/** What `trigger.webhook` gives. */
export type TriggerOutput = {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: JsonObject;
  /** By name in lower case, without credentials. */
  readonly headers: JsonObject;
  readonly body: JsonValue;
  readonly receivedAt: string;
  readonly ip: string;
};

/** Headers that hold a credential of the sender: never in an event. */
const CREDENTIAL_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-api-key',
  'x-auth-token',
  'x-gitlab-token',
]);

/** Without `secretHeader`, should it be known to hold a credential. Throws for a body that can't be read. */
export async function triggerOutputOf(call: WebhookCall, secretHeader?: string): Promise<TriggerOutput> {
  const question = call.url.indexOf('?');
  return {
    method: call.method,
    path: question < 0 ? call.url : call.url.slice(0, question),
    query: question < 0 ? {} : formOf(call.url.slice(question + 1)),
    headers: headersOf(call.headers, secretHeader),
    body: await bodyOf(call.body, call.headers['content-type']),
    receivedAt: call.receivedAt,
    ip: call.ip,
  };
}

function headersOf(headers: IncomingHttpHeaders, secretHeader?: string): JsonObject {
  const kept = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || CREDENTIAL_HEADERS.has(name) || name === secretHeader) continue;
    kept[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return kept;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** JSON and forms parsed, text as text, anything else as base64; an empty body is null. */
function bodyOf(body: Uint8Array, contentType: string | undefined): JsonValue | Promise<JsonValue> {
  if (body.length === 0) return null;
  const mediaType = mediaTypeOf(contentType);
  if (mediaType === 'application/json' || mediaType.endsWith('+json')) return jsonOf(textOf(body));
  if (mediaType === 'application/x-www-form-urlencoded') return formOf(textOf(body));
  if (mediaType === 'multipart/form-data') return multipartOf(body, contentType ?? '');
  if (mediaType.startsWith('text/')) return textOf(body);
  return Buffer.from(body).toString('base64');
}

/** Without parameters, in lower case; empty when there is none. */
function mediaTypeOf(contentType = ''): string {
  return contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function textOf(body: Uint8Array): string {
  try {
    return decoder.decode(body);
  } catch (cause) {
    throw new MillraceError('malformed', 'MALFORMED_BODY', 'the body is not UTF-8', {
      problems: [{ path: 'body', message: 'must be UTF-8' }],
      cause,
    });
  }
}

function jsonOf(text: string): JsonValue {
  const value = parseJson(text);
  if (!isDeeperThan(value, MAX_JSON_DEPTH)) return value;
  throw new MillraceError('malformed', 'JSON_TOO_DEEP', `the body nests deeper than ${MAX_JSON_DEPTH} levels`, {
    problems: [{ path: 'body', message: `must not nest deeper than ${MAX_JSON_DEPTH} levels` }],
  });
}

function parseJson(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : 'not JSON';
    throw new MillraceError('malformed', 'MALFORMED_JSON', `the body is not JSON: ${message}`, {
      problems: [{ path: 'body', message }],
      cause,
    });
  }
}

function formOf(encoded: string): JsonObject {
  return fieldsOf(new URLSearchParams(encoded));
}
