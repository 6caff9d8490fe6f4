import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type Clock, type UserId } from '#libs/kernel';
import type { Access } from '../platform/access/authenticator.ts';
import { isGranted } from '../platform/access/permissions.ts';
import { noteChange } from '../platform/audit/change-notes.ts';
import { CLOCK } from '../platform/tokens.ts';
import { Membership, RefreshFamily } from './accounts.entities.ts';
import { keepAnOwner } from './last-owner.ts';
import { MemberRoles, type Seat } from './member-roles.ts';
import { memberNotFound } from './member-view.ts';
import { lockWorkspace } from '../platform/database/workspace-lock.ts';

@Injectable()
export class RemoveMember {
  constructor(
    private readonly em: EntityManager,
    private readonly roles: MemberRoles,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Ends the membership, and the user's logins into this workspace. Any member may leave; who sends others away needs
   * `members:write`. Throws `FORBIDDEN`, `USER_NOT_FOUND` and `LAST_OWNER`.
   */
  async execute({ actor, role, workspaceId }: Access, userId: UserId): Promise<void> {
    if (userId !== actor.id && !isGranted(role, 'members:write')) throw mayOnlyLeave(role);
    const seat = { userId, workspaceId };
    await this.em.transactional((em) => this.end(em, seat));
    this.roles.forget(seat);
  }

  private async end(em: EntityManager, seat: Seat): Promise<void> {
    await lockWorkspace(em, seat.workspaceId);
    const membership = await em.findOne(Membership, seat);
    if (!membership) throw memberNotFound(seat.userId);
    if (membership.role === 'owner') await keepAnOwner(em, seat);
    noteChange({ before: { role: membership.role }, after: null });
    // In this order: a login under way holds the membership, so its family is there when the next statement looks.
    await em.nativeDelete(Membership, seat);
    await em.nativeUpdate(RefreshFamily, { ...seat, revokedAt: null }, { revokedAt: new Date(this.clock.nowMs()) });
  }
}

function mayOnlyLeave(role: Access['role']): MillraceError {
  return new MillraceError(
    'forbidden',
    'FORBIDDEN',
    `the role ${role} lacks the permission members:write and may only leave; ask an owner of the workspace`,
  );
}
