import { isDeeperThan, MAX_JSON_DEPTH, type JsonValue } from '#libs/kernel';
import type { AbortSignalLike } from '#libs/node-kit';
import {
  OutboundHttpError,
  type OutboundRequest,
  type OutboundResponse,
  type SecretHeaders,
} from '#libs/outbound-http';
import type { ConnectorParts } from './connector.ts';
import { ensureWanted, LONGEST_ATTEMPT_MS, lostAnswerOf } from './lost-answers.ts';
import { serviceFailureOf, type ServiceFailures } from './service-failures.ts';

export interface JsonCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Values in its path encoded. */
  readonly url: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly json?: JsonValue;
  /** Of the credential: never among the other headers. */
  readonly secret: SecretHeaders;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignalLike;
  /** Whether doing it twice does no harm. Default: all but POST and PATCH. */
  readonly isRepeatable?: boolean;
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers: OutboundResponse['headers'];
  /** Null without a body. */
  readonly data: JsonValue;
}

/**
 * For a service whose API is JSON over HTTP, and that needs no SDK. Resolves with an answer of 200 to 299. Rejects with
 * NodeError: by `failures` for any other, and with the codes of `http.request` when no answer came, or one that is not JSON.
 * Only what reads follows redirects.
 */
export async function callJson(
  call: JsonCall,
  { http, clock, version }: ConnectorParts,
  failures: ServiceFailures,
): Promise<JsonAnswer> {
  const { method, signal, isRepeatable = method !== 'POST' && method !== 'PATCH' } = call;
  ensureWanted(signal);
  try {
    const response = await http.request(requestOf(call, version));
    const { status, headers, body } = response;
    if (status >= 200 && status < 300) return { status, headers, data: parsed(body) };
    const refused = { status, headers, data: parsedIfJson(body) ?? null };
    throw serviceFailureOf(refused, failures, { isRepeatable, nowMs: clock.nowMs() });
  } catch (error) {
    throw lostAnswerOf(error, signal, { service: failures.service, isRepeatable });
  }
}

function requestOf({ method, json, secret, headers, signal, ...call }: JsonCall, version: string): OutboundRequest {
  return {
    method,
    url: urlOf(call),
    headers: {
      accept: 'application/json',
      'user-agent': `Millrace/${version}`,
      ...headers,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
    },
    secret,
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    signal,
    timeoutMs: LONGEST_ATTEMPT_MS,
    followRedirects: method === 'GET',
  };
}

function urlOf({ url, query = {} }: Pick<JsonCall, 'url' | 'query'>): string {
  const written = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) written.append(name, String(value));
  if (written.size === 0) return url;
  return `${url}${url.includes('?') ? '&' : '?'}${written.toString()}`;
}

function parsed(body: Buffer): JsonValue {
  if (body.length === 0) return null;
  const value = parsedIfJson(body);
  if (value === undefined) throw new OutboundHttpError('INVALID_RESPONSE', 'the answer is not JSON');
  if (!isDeeperThan(value, MAX_JSON_DEPTH)) return value;
  throw new OutboundHttpError('INVALID_RESPONSE', `the answer is JSON nested deeper than ${MAX_JSON_DEPTH} levels`);
}

function parsedIfJson(body: Buffer): JsonValue | undefined {
  try {
    return JSON.parse(body.toString('utf8')) as JsonValue;
  } catch {
    return undefined;
  }
}
