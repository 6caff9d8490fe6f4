import { isJsonObject, type Clock, type JsonObject } from '#libs/kernel';
import { outboundFetch, OutboundHttpError, type OutboundHttp, type OutboundHttpErrorCode } from '#libs/outbound-http';
import { OAuthError, type OAuthErrorCode } from './errors.ts';
import { providerErrorOf, withoutSecrets } from './provider-errors.ts';

export interface OAuthRequests {
  readonly http: OutboundHttp;
  readonly clock: Clock;
  /** For each request with its whole answer. Default 10,000. */
  readonly timeoutMs?: number;
}

/** One request to a provider; all that is secret in it is named, so that no error repeats it. */
export interface ProviderRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly secrets: readonly string[];
}

export interface ProviderAnswer {
  readonly status: number;
  /** From JSON or a form; empty when it is neither. */
  readonly fields: JsonObject;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 262_144;

/**
 * The answer, whatever its status below 500. Redirects are not followed: the request holds secrets. Throws OAuthError
 * when there is no answer, and for one that names an error, which Slack and GitHub send with status 200.
 */
export async function askProvider(requests: OAuthRequests, request: ProviderRequest): Promise<ProviderAnswer> {
  const response = await send(requests, request);
  const retryAfterMs = retryAfterOf(response.headers.get('retry-after'), requests.clock.nowMs());
  const { status } = response;
  if (status === 429 || status >= 500)
    throw new OAuthError('PROVIDER_AWAY', `the provider can not answer now: status ${status}`, { retryAfterMs });
  const fields = fieldsOf(await response.text());
  const { error, error_description: description } = fields;
  const secrets = [...request.secrets, request.headers.authorization?.split(' ')[1] ?? ''];
  if (typeof error !== 'string' || error === '') return { status, fields };
  throw providerErrorOf({
    error: withoutSecrets(error, secrets),
    description: typeof description === 'string' ? withoutSecrets(description, secrets) : undefined,
    retryAfterMs,
  });
}

async function send(requests: OAuthRequests, { method, url, headers, body }: ProviderRequest): Promise<Response> {
  const fetch = outboundFetch(requests.http, {
    timeoutMs: requests.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    maxResponseBytes: MAX_ANSWER_BYTES,
  });
  try {
    return await fetch(url, { method, headers, redirect: 'manual', ...(body === undefined ? {} : { body }) });
  } catch (error) {
    if (error instanceof OutboundHttpError) throw unreached(error);
    throw error;
  }
}

/** What no other request to the same URL would change; all else may be over in a moment. */
const LASTING: Partial<Readonly<Record<OutboundHttpErrorCode, OAuthErrorCode>>> = {
  INVALID_REQUEST: 'PROVIDER_REFUSED',
  NETWORK_NOT_ALLOWED: 'PROVIDER_REFUSED',
  DESTINATION_DENIED: 'PROVIDER_REFUSED',
  SECRET_HOST_NOT_ALLOWED: 'PROVIDER_REFUSED',
  RESPONSE_TOO_LARGE: 'INVALID_ANSWER',
  INVALID_RESPONSE: 'INVALID_ANSWER',
};

function unreached({ code, reason }: OutboundHttpError): OAuthError {
  return new OAuthError(
    LASTING[code] ?? 'PROVIDER_AWAY',
    `the provider could not be asked: ${code}${reason === undefined ? '' : ` (${reason})`}`,
  );
}

/** JSON, or a form, which is what GitHub sends to those who do not ask for JSON. */
function fieldsOf(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return Object.fromEntries(new URLSearchParams(text));
  }
}

const LONGEST_WAIT_MS = 86_400_000;

/** Seconds or a date (RFC 9110, 10.2.3), at most a day. */
function retryAfterOf(header: string | null, nowMs: number): number | undefined {
  const text = header?.trim() ?? '';
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), LONGEST_WAIT_MS);
}
