import { createHash } from 'node:crypto';

/** SHA-256 suffices: a token is 256 bits of chance, not a password. The table opens nothing to whoever reads it. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
