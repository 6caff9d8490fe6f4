import { MillraceError, type IdOf, type IdSource } from '#libs/kernel';

/** Tells a key from an access token, and lets scanners of repositories and logs find one that leaked. */
const PREFIX = 'mrk_';
const KEY_BYTES = 32;

/** `mrk_` and 43 letters of base64url. */
export function newApiKey(ids: IdSource): string {
  return `${PREFIX}${ids.newToken(KEY_BYTES)}`;
}

/** Whether it means to be one; only the table knows whether it is. */
export function isApiKey(token: string): boolean {
  return token.startsWith(PREFIX);
}

export function unknownApiKey(): MillraceError {
  return new MillraceError('unauthenticated', 'TOKEN_INVALID', 'the API key opens nothing here; it may be deleted');
}

export function expiredApiKey(): MillraceError {
  return new MillraceError('unauthenticated', 'API_KEY_EXPIRED', 'the API key has expired; make another');
}

export function apiKeyNotFound(id: IdOf<'apiKey'>): MillraceError {
  return new MillraceError('notFound', 'API_KEY_NOT_FOUND', `there is no API key ${id}`);
}
