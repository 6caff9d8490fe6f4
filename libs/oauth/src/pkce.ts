import { createHash, createHmac } from 'node:crypto';
import type { OAuthClient, OAuthProvider } from './types.ts';

/**
 * The verifier of an attempt to connect: HMAC-SHA256 of its state as base64url, 43 letters. Whoever has `secret` finds
 * it again when the browser comes back, so it is stored nowhere, and who sees the state alone can't.
 */
export function pkceVerifierOf(secret: Uint8Array, state: string): string {
  return createHmac('sha256', secret).update(state).digest('base64url');
}

/** RFC 7636, S256. */
export function challengeOf(codeVerifier: string): string {
  return createHash('sha256').update(codeVerifier).digest('base64url');
}

export function usesPkce({ pkce }: OAuthProvider, { clientSecret }: OAuthClient): boolean {
  return pkce === undefined || clientSecret === undefined;
}
