import { lostAnswerOf, retryAfterMs } from '#libs/connector-kit';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { NodeError, type AbortSignalLike } from '#libs/node-kit';
import { isNoneLeft, resetInMsOf, type AnswerHeaders } from './rate-limits.ts';

/** What GitHub answered instead of what was asked for. */
export interface Refusal {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly data: unknown;
}

/** By status. Others of 400 and more are refusals too, those of 500 and more failures. */
const CODES: Readonly<Record<number, string>> = {
  401: 'GITHUB_UNAUTHENTICATED',
  403: 'GITHUB_FORBIDDEN',
  404: 'GITHUB_NOT_FOUND',
  405: 'GITHUB_NOT_ALLOWED',
  409: 'GITHUB_CONFLICT',
  410: 'GITHUB_GONE',
  422: 'GITHUB_VALIDATION',
};
/** As GitHub asks for, where it limits and says no time. */
const LEAST_WAIT_MS = 60_000;
const LONGEST_MESSAGE = 500;
const MOST_ERRORS = 20;

/** Of gateways: what lies behind may have done the work, or may be doing it still. */
const OUTCOME_UNKNOWN = new Set([502, 504]);

/** Whether doing it twice does no harm; otherwise a lost answer is for a person to look at. */
export interface Repeating {
  readonly isRepeatable: boolean;
}

export function refusalError(refusal: Refusal, nowMs: number, { isRepeatable }: Repeating): NodeError {
  const { status, headers } = refusal;
  const message = messageIn(refusal.data);
  const told = `GitHub answered ${status}${message === '' ? '' : `: ${message}`}`;
  const details = detailsOf(refusal);
  if (isRateLimited(refusal)) {
    const waitMs = waitMsOf(headers, nowMs);
    const options = { retryable: true, retryAfterMs: waitMs, rateLimited: true, destination: 'failed' } as const;
    return new NodeError('GITHUB_RATE_LIMITED', told, { ...options, details });
  }
  if (status < 500)
    return new NodeError(CODES[status] ?? 'GITHUB_REFUSED', told, {
      retryable: false,
      destination: 'answered',
      details,
    });
  const inDoubt = !isRepeatable && OUTCOME_UNKNOWN.has(status);
  const waitMs = retryAfterMs(textOf(headers['retry-after']), nowMs);
  return new NodeError('GITHUB_FAILED', told, {
    retryable: !inDoubt,
    inDoubt,
    destination: 'failed',
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    details,
  });
}

/** The primary limit leaves nothing; a secondary one says how long to wait, or only by its text that it is one. */
function isRateLimited({ status, headers, data }: Refusal): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  return isNoneLeft(headers) || headers['retry-after'] !== undefined || /\brate limit\b/i.test(messageIn(data));
}

function waitMsOf(headers: AnswerHeaders, nowMs: number): number {
  const waitMs = retryAfterMs(textOf(headers['retry-after']), nowMs);
  if (waitMs !== undefined) return waitMs;
  return (isNoneLeft(headers) ? resetInMsOf(headers, nowMs) : undefined) ?? LEAST_WAIT_MS;
}

/** For a call whose answer did not come. */
export function unansweredError(error: unknown, signal: AbortSignalLike, { isRepeatable }: Repeating): unknown {
  return lostAnswerOf(error, signal, { service: 'GitHub', isRepeatable });
}

function messageIn(data: unknown): string {
  const message = isJsonObject(data) && typeof data.message === 'string' ? data.message : '';
  return message.slice(0, LONGEST_MESSAGE);
}

/** What GitHub says of each fault, as it says it. */
function detailsOf({ status, headers, data }: Refusal): JsonObject {
  const errors = isJsonObject(data) && Array.isArray(data.errors) ? data.errors.slice(0, MOST_ERRORS) : [];
  return {
    status,
    ...present('message', messageIn(data)),
    ...(errors.length === 0 ? {} : { errors: errors.map(toldError) }),
    ...present('documentationUrl', isJsonObject(data) ? data.documentation_url : undefined),
    ...present('requestId', headers['x-github-request-id']),
  };
}

function toldError(error: JsonValue): JsonValue {
  if (!isJsonObject(error)) return typeof error === 'string' ? error.slice(0, LONGEST_MESSAGE) : error;
  const told = Object.entries(error).filter(([, value]) => typeof value !== 'object');
  return Object.fromEntries(
    told.map(([name, value]) => [name, typeof value === 'string' ? value.slice(0, LONGEST_MESSAGE) : value]),
  );
}

function present(name: string, value: unknown): JsonObject {
  return typeof value === 'string' && value !== '' ? { [name]: value.slice(0, LONGEST_MESSAGE) } : {};
}

function textOf(header: string | number | undefined): string | undefined {
  return header === undefined ? undefined : String(header);
}

/** The evaluated config makes no call that can be made. */
export function invalidRequest(message: string): NodeError {
  return new NodeError('GITHUB_INVALID_REQUEST', message, { retryable: false });
}
