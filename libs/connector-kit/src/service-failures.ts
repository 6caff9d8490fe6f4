import { isJsonObject, type JsonValue } from '#libs/kernel';
import { NodeError, type NodeErrorOptions } from '#libs/node-kit';
import { doubtedUnlessRepeatable } from './lost-answers.ts';
import { retryAfterMs } from './retry-after.ts';

/** What a service's refusals are called. Codes are API: retry policies of workflows name them. */
export interface ServiceFailures {
  /** For people, e.g. `GitHub`. */
  readonly service: string;
  /** By status. 429 is worth another try, as is every one of 500 and more; the others are not. */
  readonly codes: Readonly<Record<number, string>>;
  /** Any other status that is no success, below 500. */
  readonly refused: string;
  /** Any other of 500 and more. */
  readonly failed: string;
  /** What the service says, in an answer of the status; never a secret. */
  messageIn(data: JsonValue): string | undefined;
}

export interface RefusedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly data: JsonValue;
}

/** Where a service limits and says no time. */
const UNTOLD_WAIT_MS = 60_000;
const LONGEST_MESSAGE = 500;
/** Of gateways: what lies behind may have done the work, or may be doing it still. */
const OUTCOME_UNKNOWN = new Set([502, 504]);

/** The error of a node for an answer that is no success. */
export function serviceFailureOf(
  { status, headers, data }: RefusedAnswer,
  failures: ServiceFailures,
  { isRepeatable, nowMs }: { readonly isRepeatable: boolean; readonly nowMs: number },
): NodeError {
  const { service } = failures;
  const message = failures.messageIn(data)?.slice(0, LONGEST_MESSAGE);
  const told = message === undefined ? '' : `: ${message}`;
  const failure = new NodeError(codeOf(status, failures), `${service} answered ${status}${told}`, {
    ...(isTheirs(status) ? worthAnotherTry(status, headers, nowMs) : { retryable: false, destination: 'answered' }),
    details: { status, ...(message === undefined ? {} : { message }) },
  });
  return OUTCOME_UNKNOWN.has(status) ? doubtedUnlessRepeatable(failure, { service, isRepeatable }) : failure;
}

function isTheirs(status: number): boolean {
  return status === 429 || status >= 500;
}

function worthAnotherTry(status: number, headers: RefusedAnswer['headers'], nowMs: number): NodeErrorOptions {
  const waitMs = retryAfterMs(headers['retry-after'], nowMs);
  const failed = { retryable: true, destination: 'failed' } as const;
  if (status === 429) return { ...failed, retryAfterMs: waitMs ?? UNTOLD_WAIT_MS, rateLimited: true };
  return waitMs === undefined ? failed : { ...failed, retryAfterMs: waitMs };
}

/** The text in a field of an answer, by its name. */
export function textIn(data: JsonValue, name: string): string | undefined {
  const value = isJsonObject(data) && Object.hasOwn(data, name) ? data[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

function codeOf(status: number, { codes, refused, failed }: ServiceFailures): string {
  return codes[status] ?? (status >= 500 ? failed : refused);
}
