import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRequestError } from '@slack/web-api';
import { networkFailureOf } from '#libs/connector-kit';
import { isJsonObject, type JsonObject } from '#libs/kernel';
import { NodeError, type AbortSignalLike, type NodeErrorOptions } from '#libs/node-kit';
import { OutboundHttpError, type OutboundHttpErrorCode } from '#libs/outbound-http';
import { kindOfError, type ErrorKind } from './error-codes.ts';

/** What was to be done. */
export interface Intent {
  /** Shown to people, e.g. `chat.postMessage`. */
  readonly method: string;
  /** Whether doing it twice is as good as doing it once. */
  readonly repeatable: boolean;
}

interface Failure extends Pick<NodeErrorOptions, 'retryable' | 'rateLimited' | 'destination'> {
  readonly code: string;
}

const FAILURES: Readonly<Record<ErrorKind, Failure>> = {
  unauthenticated: { code: 'SLACK_UNAUTHENTICATED', retryable: false, destination: 'answered' },
  forbidden: { code: 'SLACK_FORBIDDEN', retryable: false, destination: 'answered' },
  notFound: { code: 'SLACK_NOT_FOUND', retryable: false, destination: 'answered' },
  rateLimited: { code: 'SLACK_RATE_LIMITED', retryable: true, rateLimited: true, destination: 'failed' },
  invalid: { code: 'SLACK_INVALID', retryable: false, destination: 'answered' },
  unavailable: { code: 'SLACK_FAILED', retryable: true, destination: 'failed' },
  broken: { code: 'SLACK_FAILED', retryable: true, destination: 'failed' },
};

/** Windows are a minute long. */
const UNTOLD_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 86_400_000;
const LONGEST_TEXT = 500;
const MOST_TEXTS = 20;

/** After these nobody knows whether the request was taken. */
const LEAVES_DOUBT: ReadonlySet<OutboundHttpErrorCode> = new Set([
  'TIMEOUT',
  'ABORTED',
  'DISCONNECTED',
  'RESPONSE_TOO_LARGE',
  'INVALID_RESPONSE',
]);

/** The node's error for what a call rejected with; anything else is a fault of ours and stays. */
export function failureOf(error: unknown, intent: Intent, signal: AbortSignalLike): unknown {
  if (error instanceof WebAPIRequestError) return failureOf(error.original, intent, signal);
  if (error instanceof WebAPIPlatformError) return refusalOf(error.data.error, { ...error.data }, intent);
  if (error instanceof WebAPIHTTPError) return statusFailure(error.statusCode, intent);
  if (!(error instanceof OutboundHttpError)) return error;
  const failure = networkFailureOf(error, signal);
  return failure && LEAVES_DOUBT.has(error.code) ? doubted(failure, intent) : (failure ?? error);
}

/** Slack said that it did not do it, by a word such as `channel_not_found`; `answer` is all that it said. */
export function refusalOf(error: string, answer: Readonly<Record<string, unknown>>, intent: Intent): NodeError {
  const kind = kindOfError(error);
  const { code, ...says } = FAILURES[kind];
  const told = kind === 'broken' && !isWord(error) ? 'an answer that is not its JSON' : error;
  const failure = new NodeError(code, `Slack answered ${intent.method} with ${told}`, {
    ...says,
    ...(kind === 'rateLimited' ? { retryAfterMs: UNTOLD_WAIT_MS } : {}),
    details: { method: intent.method, error: told.slice(0, LONGEST_TEXT), ...reasonsIn(answer) },
  });
  return kind === 'broken' ? doubted(failure, intent) : failure;
}

/** Called too often (429). */
export function rateLimited(retryAfter: string | null, { method }: Pick<Intent, 'method'>): NodeError {
  const seconds = /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) : undefined;
  const retryAfterMs = seconds === undefined ? UNTOLD_WAIT_MS : Math.min(seconds * 1_000, LONGEST_WAIT_MS);
  const { code, ...says } = FAILURES.rateLimited;
  const message = `Slack wants ${method} to wait for ${Math.ceil(retryAfterMs / 1_000)} s`;
  return new NodeError(code, message, { ...says, retryAfterMs, details: { method, error: 'ratelimited' } });
}

/** Slack answers 200 to what it understood, whatever came of it. */
export function statusFailure(status: number, intent: Intent): NodeError {
  const isTheirs = status >= 500;
  const failure = new NodeError('SLACK_FAILED', `Slack answered ${intent.method} with the status ${status}`, {
    retryable: isTheirs,
    destination: isTheirs ? 'failed' : 'answered',
    details: { method: intent.method, status },
  });
  // 503 comes before any work is done.
  return isTheirs && status !== 503 ? doubted(failure, intent) : failure;
}

/** What must not be done twice, and may have been done, is for a person to look at. */
function doubted(failure: NodeError, { method, repeatable }: Intent): NodeError {
  if (repeatable) return failure;
  const { destination, details } = failure.options;
  const message = `it is not known whether Slack did ${method}; doing it again may do it twice (${failure.message})`;
  return new NodeError('SLACK_OUTCOME_UNKNOWN', message, {
    retryable: false,
    inDoubt: true,
    ...(destination ? { destination } : {}),
    details: { ...(isJsonObject(details) ? details : {}), method, code: failure.code },
    cause: failure,
  });
}

function reasonsIn(answer: Readonly<Record<string, unknown>>): JsonObject {
  const { needed, provided, response_metadata: metadata } = answer;
  const messages = isJsonObject(metadata) && Array.isArray(metadata['messages']) ? metadata['messages'] : [];
  const texts = messages.filter((one) => typeof one === 'string').slice(0, MOST_TEXTS);
  return {
    ...(typeof needed === 'string' ? { needed: needed.slice(0, LONGEST_TEXT) } : {}),
    ...(typeof provided === 'string' ? { provided: provided.slice(0, LONGEST_TEXT) } : {}),
    ...(texts.length > 0 ? { messages: texts.map((text) => text.slice(0, LONGEST_TEXT)) } : {}),
  };
}

function isWord(error: string): boolean {
  return /^[a-z0-9_-]{1,100}$/i.test(error);
}
