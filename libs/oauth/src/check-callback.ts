import { OAuthError } from './errors.ts';
import { providerErrorOf } from './provider-errors.ts';
import type { Callback, OAuthProvider } from './types.ts';

/**
 * The code of a callback. Who answers is looked at first, then whether it is an answer to us: an error, too, is only
 * believed from the provider that was asked. Throws OAuthError.
 */
export function checkCallback(provider: OAuthProvider, { callbackUrl, state }: Callback): string {
  const query = callbackUrl.searchParams;
  checkIssuer(provider, query.getAll('iss'));
  const states = query.getAll('state');
  if (states.length !== 1 || states[0] !== state)
    throw new OAuthError('INVALID_ANSWER', 'the callback does not answer this attempt to connect');
  const [error, ...more] = query.getAll('error');
  // Its description is whatever who made the link wrote, so it is not passed on.
  if (error !== undefined) throw providerErrorOf({ error: more.length === 0 ? error : '' });
  const [code, ...codes] = query.getAll('code');
  if (code === undefined || code === '' || codes.length > 0)
    throw new OAuthError('INVALID_ANSWER', 'the callback brings no code');
  return code;
}

/** RFC 9207. */
function checkIssuer({ issuer, issuerRequired }: OAuthProvider, given: readonly string[]): void {
  if (given.length === 0 && issuerRequired !== true) return;
  const [iss] = given;
  if (iss === undefined) throw new OAuthError('ISSUER_MISMATCH', 'the callback does not say which provider it is from');
  if (issuer === undefined)
    throw new OAuthError('ISSUER_MISMATCH', 'the callback names its provider, but the issuer is not configured');
  if (given.length > 1 || !isIssuer(issuer, iss))
    throw new OAuthError('ISSUER_MISMATCH', 'the callback is from another provider than the one that was asked');
}

const TENANT = '{tenantid}';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function isIssuer(expected: string, iss: string): boolean {
  const [before = '', after, ...rest] = expected.split(TENANT);
  if (after === undefined || rest.length > 0) return iss === expected;
  if (!iss.startsWith(before) || !iss.endsWith(after)) return false;
  return UUID.test(iss.slice(before.length, iss.length - after.length));
}
