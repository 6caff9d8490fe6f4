import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Actor } from '#libs/event-sourcing';
import { z } from 'zod';

/** From the beginning to the callback; people look for passwords meanwhile. */
export const FLOW_TTL_SECONDS = 600;

const actorSchema = z.custom<Actor>((value) => typeof value === 'object' && value !== null && 'type' in value);

/** Somebody connects an account: what is to be known when the provider sends the browser back. Nothing of it is secret. */
export const flowSchema = z.object({
  workspaceId: z.string(),
  credentialId: z.string(),
  actor: actorSchema,
  /** Digest of the client that it began with: a code of one is not shown to another. */
  client: z.string(),
  /** Milliseconds since 1970. */
  endsAtMs: z.number(),
  /** Of the root key that the PKCE verifier is derived from. */
  keyId: z.string(),
  /** SHA-256 of what only the browser has in which it began; absent until one opened the link. */
  browser: z.string().exactOptional(),
  returnTo: z.string().exactOptional(),
});
export type Flow = z.output<typeof flowSchema>;

/** 256 bits that nobody guesses, in 43 letters that go into a URL and a cookie. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

export function isToken(text: unknown): text is string {
  return typeof text === 'string' && /^[A-Za-z0-9_-]{43}$/.test(text);
}

/** By which a token is known where it is stored: who reads it there can't use it. */
export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** One for each flow, so that two in one browser don't end each other. */
export function cookieNameOf(state: string): string {
  return `millrace_oauth_${digestOf(state).slice(0, 16)}`;
}

/** For the callback, wherever `publicUrl` has it. */
export function cookieFor(state: string, value: string, publicUrl: string): string {
  const { protocol, pathname } = new URL(`${publicUrl}/v1/oauth`);
  const isSecure = protocol === 'https:';
  // Lax: the provider sends the browser back by a link. Not Strict, which would leave the cookie behind.
  const attributes = [`Path=${pathname}`, `Max-Age=${FLOW_TTL_SECONDS}`, 'HttpOnly', 'SameSite=Lax'];
  return [`${cookieNameOf(state)}=${value}`, ...attributes, ...(isSecure ? ['Secure'] : [])].join('; ');
}

/** Whether it is the browser in which the flow began. */
export function isBrowserOf({ browser }: Flow, state: string, cookies: string | undefined): boolean {
  if (browser === undefined) return false;
  const value = cookieIn(cookies ?? '', cookieNameOf(state));
  if (!isToken(value)) return false;
  return timingSafeEqual(Buffer.from(digestOf(value)), Buffer.from(browser));
}

function cookieIn(header: string, name: string): string | undefined {
  return header
    .split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}
