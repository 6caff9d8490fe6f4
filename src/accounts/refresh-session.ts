import { LockMode } from '@mikro-orm/core';
import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type Clock } from '#libs/kernel';
import { Logger } from '../platform/logging/logger.ts';
import { CLOCK } from '../platform/tokens.ts';
import type { RefreshBody, SessionTokens } from './accounts.dto.ts';
import { RefreshFamily, RefreshToken } from './accounts.entities.ts';
import { judgeRefresh, type RefreshVerdict } from './refresh-token.ts';
import { Sessions } from './sessions.ts';
import { hashToken } from './token-hash.ts';

type Refusal = Exclude<RefreshVerdict, 'good'> | 'unknown';

const REFUSALS: Record<Refusal, readonly [code: string, message: string]> = {
  unknown: ['REFRESH_INVALID', 'the refresh token opens nothing here; log in again'],
  expired: ['REFRESH_EXPIRED', 'the refresh token has expired; log in again'],
  revoked: ['REFRESH_REVOKED', 'this login was ended; log in again'],
  reused: ['REFRESH_REUSED', 'the refresh token was used before, so this login was ended; log in again'],
};

@Injectable()
export class RefreshSession {
  constructor(
    private readonly em: EntityManager,
    private readonly sessions: Sessions,
    private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** A new pair of tokens for a refresh token, which works once. Throws one of REFUSALS. */
  async execute({ refreshToken }: RefreshBody): Promise<SessionTokens> {
    const tokenHash = hashToken(refreshToken);
    // A refusal may revoke, which must be stored: it is returned from the transaction, and thrown outside.
    const outcome = await this.em.transactional((em) => this.rotate(em, tokenHash));
    if (typeof outcome !== 'string') return outcome;
    const [code, message] = REFUSALS[outcome];
    throw new MillraceError('unauthenticated', code, message);
  }

  private async rotate(em: EntityManager, tokenHash: string): Promise<SessionTokens | Refusal> {
    const found = await em.findOne(RefreshToken, { tokenHash });
    if (!found) return 'unknown';
    // The family's row is the lock: of two refreshes, and of a refresh and a revocation, the second sees the first.
    const family = await em.findOne(RefreshFamily, { id: found.familyId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    const token = await em.findOne(RefreshToken, { tokenHash }, { refresh: true });
    if (!family || !token) return 'unknown';
    const now = new Date(this.clock.nowMs());
    const verdict = judgeRefresh({ ...token, familyRevokedAt: family.revokedAt }, now.getTime());
    if (verdict === 'good') {
      await em.nativeUpdate(RefreshToken, { tokenHash }, { usedAt: now });
      return this.sessions.extend(em, family);
    }
    if (verdict === 'reused' && !family.revokedAt) {
      await em.nativeUpdate(RefreshFamily, { id: family.id }, { revokedAt: now });
      this.logger.warn(
        { userId: family.userId, familyId: family.id },
        'a refresh token came twice; its login is ended',
      );
    }
    return verdict;
  }
}
