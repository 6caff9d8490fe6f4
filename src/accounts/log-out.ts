import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type Clock } from '#libs/kernel';
import { noteActor } from '../platform/audit/change-notes.ts';
import { CLOCK } from '../platform/tokens.ts';
import { AccessTokens } from './access-tokens.ts';
import { RefreshFamily, RefreshToken } from './accounts.entities.ts';
import { hashToken } from './token-hash.ts';

/** Either names the login that ends; the refresh token goes first, because it also works when the other has expired. */
export interface LogOutTokens {
  readonly refreshToken: string | undefined;
  readonly accessToken: string | undefined;
}

@Injectable()
export class LogOut {
  constructor(
    private readonly em: EntityManager,
    private readonly accessTokens: AccessTokens,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Revokes the family. A refresh token that is not known, or a family that has ended, is as good as logged out. */
  async execute(tokens: LogOutTokens): Promise<void> {
    const em = this.em.fork();
    const id = await this.familyOf(em, tokens);
    if (id === undefined) return;
    const now = new Date(this.clock.nowMs());
    const ended = await em.nativeUpdate(RefreshFamily, { id, revokedAt: null }, { revokedAt: now });
    const family = ended > 0 ? await em.findOne(RefreshFamily, { id }) : null;
    if (family) noteActor({ workspaceId: family.workspaceId, actor: { type: 'user', id: family.userId } });
  }

  private async familyOf(em: EntityManager, { refreshToken, accessToken }: LogOutTokens): Promise<string | undefined> {
    if (refreshToken !== undefined)
      return (await em.findOne(RefreshToken, { tokenHash: hashToken(refreshToken) }))?.familyId;
    if (accessToken !== undefined) return this.accessTokens.verify(accessToken).familyId;
    throw new MillraceError(
      'unauthenticated',
      'UNAUTHENTICATED',
      'send the refresh token, or the access token as a bearer',
    );
  }
}
