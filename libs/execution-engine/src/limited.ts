import { epochMsOf, toInstant } from '#libs/kernel';
import type { RetryPolicy } from '#libs/workflow-definition';
import { fractionOf, MAX_BACKOFF_MS } from './backoff.ts';
import type { AttemptFailure } from './commands.ts';
import type { PutBack } from './node-events.ts';

/** A limit of the destination refused the attempt, before anything was done that must not be done twice. */
export type LimitedFailure = AttemptFailure & { readonly limitedAt: string };

/** For how long, where nobody says so. */
const UNTOLD_MS = 60_000;
const LEAST_MS = 1_000;

/** Whether the same attempt comes again, and none is used up: always, unless its node does not want that code again. */
export function isPutBack({ dontRetryOn }: RetryPolicy, failure: AttemptFailure): failure is LimitedFailure {
  return failure.limitedAt !== undefined && !dontRetryOn?.includes(failure.code);
}

export function putBack(
  failure: LimitedFailure,
  { at, seed }: { readonly at: string; readonly seed: string },
): PutBack {
  const dueAt = toInstant(epochMsOf(at) + waitMs(failure, seed));
  return { dueAt, reason: { kind: 'rateLimit', key: failure.limitedAt } };
}

/** As long as the other side says, and up to a tenth longer, so that those refused together do not come back together. */
function waitMs({ retryAfterMs = UNTOLD_MS }: LimitedFailure, seed: string): number {
  const saidMs = Math.max(retryAfterMs, LEAST_MS);
  return Math.min(Math.round(saidMs * (1 + fractionOf(seed) / 10)), MAX_BACKOFF_MS);
}
