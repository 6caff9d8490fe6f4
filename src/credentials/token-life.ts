import { epochMsOf } from '#libs/kernel';
import type { Tokens } from './oauth-settings.ts';

export const RENEWAL_RULES = {
  /** New tokens are asked for so long before the old ones end: longer than a call and the difference of two clocks. */
  aheadMs: 120_000,
  /** Of a short life no more than this part is given up. */
  aheadOfLife: 1 / 3,
  /** A token that is refused sooner after it was given is not replaced. */
  takenForGoodMs: 60_000,
} as const;

export function leftMs({ expiresAt }: Tokens, nowMs: number): number {
  return expiresAt === undefined ? Infinity : epochMsOf(expiresAt) - nowMs;
}

/** Whether it is good for a while. */
export function isGoodToken(tokens: Tokens, nowMs: number): boolean {
  const { obtainedAt, expiresAt } = tokens;
  const lifeMs =
    obtainedAt === undefined || expiresAt === undefined ? Infinity : epochMsOf(expiresAt) - epochMsOf(obtainedAt);
  return leftMs(tokens, nowMs) > Math.min(RENEWAL_RULES.aheadMs, lifeMs * RENEWAL_RULES.aheadOfLife);
}
