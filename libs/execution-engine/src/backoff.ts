import type { RetryPolicy } from '#libs/workflow-definition';
import type { AttemptFailure } from './commands.ts';

/** The longest a next attempt may be put off, whoever asks for it. */
export const MAX_BACKOFF_MS = 24 * 60 * 60 * 1000;

export function shouldRetry(policy: RetryPolicy, attempt: number, failure: AttemptFailure): boolean {
  if (attempt >= policy.maxAttempts) return false;
  if (policy.dontRetryOn?.includes(failure.code)) return false;
  return failure.retryable || (policy.retryOn?.includes(failure.code) ?? false);
}

/**
 * Milliseconds between the end of `attempt` (from 1) and the next. Jitter is full (between 0 and the backoff, as in
 * "Exponential Backoff And Jitter", AWS Architecture Blog 2015) and drawn from `seed`, so that a fold is the same for ever.
 */
export function backoffMs(policy: RetryPolicy, attempt: number, seed: string): number {
  const capped = Math.min(plainBackoffMs(policy, attempt), policy.maxMs, MAX_BACKOFF_MS);
  return Math.round(policy.jitter ? capped * fractionOf(seed) : capped);
}

/** Milliseconds to the next attempt: the policy's backoff, or more when the other side asks for it. */
export function delayMs(
  policy: RetryPolicy,
  { attempt, failure }: { readonly attempt: number; readonly failure: AttemptFailure },
  seed: string,
): number {
  return Math.min(Math.max(backoffMs(policy, attempt, seed), failure.retryAfterMs ?? 0), MAX_BACKOFF_MS);
}

/** Before cap and jitter. */
export function plainBackoffMs(policy: RetryPolicy, attempt: number): number {
  switch (policy.backoff) {
    case 'fixed':
      return policy.initialMs;
    case 'linear':
      return policy.initialMs * attempt;
    case 'exponential':
      return policy.initialMs * 2 ** (attempt - 1);
  }
}

/** A number in [0, 1) that depends on every character: FNV-1a, then the finaliser of MurmurHash3. */
export function fractionOf(seed: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < seed.length; index++) {
    hash = Math.imul(hash ^ seed.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
