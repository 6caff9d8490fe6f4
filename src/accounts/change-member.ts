import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { noteChange } from '../platform/audit/change-notes.ts';
import { Membership, User } from './accounts.entities.ts';
import { keepAnOwner } from './last-owner.ts';
import { MemberRoles, type Seat } from './member-roles.ts';
import { memberNotFound, memberViewOf } from './member-view.ts';
import type { ChangeMemberBody, MemberView } from './members.dto.ts';
import { lockWorkspace } from '../platform/database/workspace-lock.ts';

@Injectable()
export class ChangeMember {
  constructor(
    private readonly em: EntityManager,
    private readonly roles: MemberRoles,
  ) {}

  /** Takes effect at once; in other processes, within five seconds. Throws `USER_NOT_FOUND` and `LAST_OWNER`. */
  async execute(seat: Seat, { role }: ChangeMemberBody): Promise<MemberView> {
    const view = await this.em.transactional(async (em) => {
      await lockWorkspace(em, seat.workspaceId);
      const membership = await em.findOne(Membership, seat);
      if (!membership) throw memberNotFound(seat.userId);
      if (membership.role === 'owner' && role !== 'owner') await keepAnOwner(em, seat);
      await em.nativeUpdate(Membership, seat, { role });
      noteChange({ before: { role: membership.role }, after: { role } });
      const user = await em.findOneOrFail(User, { id: seat.userId });
      return memberViewOf(user, { role, createdAt: membership.createdAt });
    });
    this.roles.forget(seat);
    return view;
  }
}
