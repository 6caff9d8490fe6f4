import { MillraceError } from '#libs/kernel';

/** What was used up, in the words of draft-ietf-httpapi-ratelimit-headers. */
export interface Quota {
  readonly name: string;
  readonly limit: number;
  readonly windowMs: number;
  /** Until it is whole again. */
  readonly resetMs: number;
}

/** `TOO_MANY_ATTEMPTS`: says nothing of whether the address is known. */
export class TooManyAttemptsError extends MillraceError {
  override readonly name = 'TooManyAttemptsError';

  constructor(readonly quota: Quota) {
    super('tooManyRequests', 'TOO_MANY_ATTEMPTS', 'too many logins failed; try again later', {
      retryAfterMs: quota.resetMs,
    });
  }
}

export function rateLimitHeaders({ name, limit, windowMs, resetMs }: Quota): Record<string, string> {
  return {
    'ratelimit-policy': `"${name}";q=${limit};w=${windowMs / 1000}`,
    ratelimit: `"${name}";r=0;t=${Math.ceil(resetMs / 1000)}`,
  };
}
