import type { Backoff } from './types.ts';

export const BACKOFF: Backoff = { firstMs: 1_000, maxMs: 300_000, refusedMs: 300_000 };

/** How long to pause after so many failures in a row, from 1: at least half of what it would be without chance. */
export function pauseMs({ firstMs, maxMs }: Backoff, failures: number, chance: number): number {
  const plain = Math.min(firstMs * 2 ** (failures - 1), maxMs);
  return Math.round(plain * (0.5 + chance / 2));
}
