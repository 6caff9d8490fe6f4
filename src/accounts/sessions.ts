import type { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import type { Clock, IdSource, UserId, WorkspaceId } from '#libs/kernel';
import { CLOCK, ID_SOURCE } from '../platform/tokens.ts';
import { ACCESS_TOKEN_MS, AccessTokens } from './access-tokens.ts';
import type { SessionTokens } from './accounts.dto.ts';
import { RefreshFamily, RefreshToken } from './accounts.entities.ts';
import { hashToken } from './token-hash.ts';

/** From the last refresh on: who comes back within it stays logged in. */
const REFRESH_TOKEN_MS = 30 * 24 * 60 * 60 * 1000;

interface Holder {
  readonly userId: UserId;
  readonly workspaceId: WorkspaceId;
}

/** Starts and continues logins; always inside the caller's transaction. */
@Injectable()
export class Sessions {
  constructor(
    private readonly accessTokens: AccessTokens,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async open(em: EntityManager, { userId, workspaceId }: Holder): Promise<SessionTokens> {
    const now = new Date(this.clock.nowMs());
    const family = { id: `rf_${this.ids.newToken(16)}`, userId, workspaceId };
    // What ended by itself is of no use to anybody, so each login takes the user's own with it.
    await em.nativeDelete(RefreshFamily, { userId, expiresAt: { $lt: now } });
    await em.insert(RefreshFamily, { ...family, createdAt: now, expiresAt: this.refreshEnd() });
    return this.issue(em, family);
  }

  /**
   * A used token stays until its 30 days are over, so that a second use is known and ends the login; after them it opens
   * nothing anyway, and goes. The rest is bounded by how often the holder refreshes in 30 days: 2,880 times if whenever
   * an access token ends, one at a time, and no more than the rate of the API lets through.
   */
  async extend(em: EntityManager, family: RefreshFamily): Promise<SessionTokens> {
    const now = new Date(this.clock.nowMs());
    await em.nativeDelete(RefreshToken, { familyId: family.id, expiresAt: { $lte: now } });
    await em.nativeUpdate(RefreshFamily, { id: family.id }, { expiresAt: this.refreshEnd() });
    return this.issue(em, family);
  }

  private async issue(em: EntityManager, family: Holder & { readonly id: string }): Promise<SessionTokens> {
    const refreshToken = this.ids.newToken(32);
    await em.insert(RefreshToken, {
      tokenHash: hashToken(refreshToken),
      familyId: family.id,
      createdAt: new Date(this.clock.nowMs()),
      expiresAt: this.refreshEnd(),
    });
    const { userId, workspaceId } = family;
    const accessToken = this.accessTokens.issue({ userId, workspaceId, familyId: family.id });
    return { accessToken, refreshToken, expiresInMs: ACCESS_TOKEN_MS };
  }

  private refreshEnd(): Date {
    return new Date(this.clock.nowMs() + REFRESH_TOKEN_MS);
  }
}
