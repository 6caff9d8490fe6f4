import { judgeRefresh, type StoredRefresh } from './refresh-token.ts';

const NOW = Date.UTC(2026, 5, 1);
const at = (ms: number): Date => new Date(NOW + ms);

describe('a refresh token', () => {
  it.each<[string, StoredRefresh, string]>([
    ['not used, not over', { expiresAt: at(1) }, 'good'],
    ['over at this very instant', { expiresAt: at(0) }, 'expired'],
    ['used', { expiresAt: at(1), usedAt: at(-1) }, 'reused'],
    ['used, and over since', { expiresAt: at(-1), usedAt: at(-2) }, 'reused'],
    ['of a login that was ended', { expiresAt: at(1), familyRevokedAt: at(-1) }, 'revoked'],
    ['used, of a login that was ended', { expiresAt: at(1), usedAt: at(-2), familyRevokedAt: at(-1) }, 'reused'],
  ])('that is %s', (_, stored, verdict) => {
    expect(judgeRefresh(stored, NOW)).toBe(verdict);
  });
});
