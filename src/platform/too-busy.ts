import { MillraceError } from '#libs/kernel';

const RETRY_AFTER_MS = 2_000;

/** `what` names several, e.g. `logins`. */
export function tooBusy(what: string): MillraceError {
  return new MillraceError('unavailable', 'TOO_BUSY', `too many ${what} at once; try again`, {
    retryAfterMs: RETRY_AFTER_MS,
  });
}
