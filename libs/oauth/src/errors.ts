export type OAuthErrorCode =
  /** The code or the refresh token is no longer good: the person has to connect again. */
  | 'INVALID_GRANT'
  /** The person, or the provider for them, said no. */
  | 'ACCESS_DENIED'
  /** The callback came from another provider than the one that was asked, or does not say from which. */
  | 'ISSUER_MISMATCH'
  /** The provider, or a rule about where we may call, refused the request as it is. */
  | 'PROVIDER_REFUSED'
  /** Not reached, too busy, or broken; the one code that is worth another try. */
  | 'PROVIDER_AWAY'
  /** What came back is no answer of OAuth 2, or not to what was asked. */
  | 'INVALID_ANSWER';

export interface OAuthErrorOptions {
  readonly providerError?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/**
 * Why there are no tokens. Code is API, the message is for people; neither holds a token, a code or a secret. There is
 * no cause: those of openid-client and of the HTTP client hold requests and answers.
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly retryable: boolean;
  /** The provider's own code, e.g. `invalid_scope`. */
  readonly providerError: string | undefined;
  /** When the provider wants to be asked again, if it said so. */
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: OAuthErrorCode,
    message: string,
    options: OAuthErrorOptions = {},
  ) {
    super(message);
    this.retryable = code === 'PROVIDER_AWAY';
    this.providerError = options.providerError;
    this.retryAfterMs = options.retryAfterMs;
  }
}
