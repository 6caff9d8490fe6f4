/** What a service may take to make or remove a hook. */
export const SERVICE_TIMEOUT_MS = 30_000;
/** For how long an entry is its worker's: what the service may take, and how far the clocks of two machines may be apart. */
export const WORK_LASTS_MS = 90_000;

const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** Nearly three days, for a service that is away. */
const REMOVALS_RETRYABLE = 72;
/** For a credential that is gone, or may not any more. */
const REMOVALS_TERMINAL = 5;

/** For how long it can be seen what became of hooks that are gone. */
export const GONE_KEPT_MS = 30 * 86_400_000;
/** Of one endpoint. */
export const GONE_KEPT = 3;

/** The longest pause that a service can ask for: what it says may be a mistake in its unit. */
const LONGEST_ASKED_MS = 86_400_000;

/** Before it is tried again after so many failures in a row, from 1. */
export function pauseMs(attempts: number, retryAfterMs = 0): number {
  const asked = Math.min(retryAfterMs, LONGEST_ASKED_MS);
  return Math.max(Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS), asked);
}

/** Whether a hook that could not be removed so often is left where it is. */
export function isGivenUp(attempts: number, isRetryable: boolean): boolean {
  return attempts >= (isRetryable ? REMOVALS_RETRYABLE : REMOVALS_TERMINAL);
}
