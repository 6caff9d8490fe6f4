import type { SignedCall } from './types.ts';

/** The header's value; undefined when it is missing or empty, and when it came more than once: then nobody knows which counts. */
export function headerOf({ headers }: SignedCall, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** In whole seconds since 1970, as senders write it. */
export function secondsIn(text: string): number | undefined {
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}

export function isWithin(toleranceSeconds: number, seconds: number, nowMs: number): boolean {
  return Math.abs(nowMs / 1000 - seconds) <= toleranceSeconds;
}
