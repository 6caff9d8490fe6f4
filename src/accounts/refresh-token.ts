export interface StoredRefresh {
  readonly expiresAt: Date;
  readonly usedAt?: Date | null | undefined;
  readonly familyRevokedAt?: Date | null | undefined;
}

/** `reused`: somebody has a copy; whoever of the two is the thief, the whole family ends. */
export type RefreshVerdict = 'good' | 'reused' | 'revoked' | 'expired';

export function judgeRefresh(stored: StoredRefresh, nowMs: number): RefreshVerdict {
  if (stored.usedAt) return 'reused';
  if (stored.familyRevokedAt) return 'revoked';
  return stored.expiresAt.getTime() <= nowMs ? 'expired' : 'good';
}
