import { formEncoded } from './form-encoded.ts';
import { OAuthError, type OAuthErrorCode } from './errors.ts';

/** What providers say, RFC 6749 first; all else is PROVIDER_REFUSED. */
const CODES: Readonly<Record<string, OAuthErrorCode>> = {
  invalid_grant: 'INVALID_GRANT',
  access_denied: 'ACCESS_DENIED',
  server_error: 'PROVIDER_AWAY',
  temporarily_unavailable: 'PROVIDER_AWAY',
  slow_down: 'PROVIDER_AWAY',
  // OpenID Connect Core and Microsoft: only the person can help, at the provider's own page.
  interaction_required: 'INVALID_GRANT',
  login_required: 'INVALID_GRANT',
  consent_required: 'INVALID_GRANT',
  // GitHub
  bad_verification_code: 'INVALID_GRANT',
  bad_refresh_token: 'INVALID_GRANT',
  // Slack
  invalid_code: 'INVALID_GRANT',
  code_already_used: 'INVALID_GRANT',
  invalid_refresh_token: 'INVALID_GRANT',
  token_revoked: 'INVALID_GRANT',
  token_expired: 'INVALID_GRANT',
  account_inactive: 'INVALID_GRANT',
  ratelimited: 'PROVIDER_AWAY',
  internal_error: 'PROVIDER_AWAY',
  fatal_error: 'PROVIDER_AWAY',
  service_unavailable: 'PROVIDER_AWAY',
};

const MEANINGS: Readonly<Record<OAuthErrorCode, string>> = {
  INVALID_GRANT: 'the provider no longer accepts what it gave',
  ACCESS_DENIED: 'access was denied at the provider',
  ISSUER_MISMATCH: 'the answer came from another provider',
  PROVIDER_REFUSED: 'the provider refused',
  PROVIDER_AWAY: 'the provider can not answer now',
  INVALID_ANSWER: 'the provider gave no answer of OAuth 2',
};

export interface ProviderSaid {
  /** Its code, as it came. */
  readonly error: string;
  /** Its text, as it came, without what the request held. */
  readonly description?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

export function providerErrorOf({ error, description, retryAfterMs }: ProviderSaid): OAuthError {
  const providerError = codeIn(error);
  const code =
    (Object.hasOwn(CODES, providerError ?? '') ? CODES[providerError ?? ''] : undefined) ?? 'PROVIDER_REFUSED';
  const said = [providerError, description === undefined ? '' : plain(description)].filter(Boolean).join(', ');
  return new OAuthError(code, MEANINGS[code] + (said === '' ? '' : `: ${said}`), { providerError, retryAfterMs });
}

/** RFC 6749 lets a code hold nearly all of ASCII, markup included; no provider needs more than this. */
function codeIn(error: string): string | undefined {
  return /^[A-Za-z0-9_.:-]{1,64}$/.test(error) ? error : undefined;
}

const LONGEST_TEXT = 200;

/** One line of bounded text; words so long that they could be a token or a key are left out. */
function plain(text: string): string {
  const line = text
    .slice(0, 2_000)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .replace(/\S{33,}/g, '…')
    .trim();
  return line.length > LONGEST_TEXT ? `${line.slice(0, LONGEST_TEXT)}…` : line;
}

/** Takes what a request held out of a text that answers it: as it is, percent-encoded, and as in a form. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, encodeURIComponent(secret), formEncoded(secret)])
    .reduce((left, secret) => left.replaceAll(secret, '…'), text);
}
