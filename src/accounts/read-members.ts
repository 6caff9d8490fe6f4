import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { WorkspaceId } from '#libs/kernel';
import { after, pageOf, type Page } from '../platform/http/page.ts';
import { Membership, User } from './accounts.entities.ts';
import type { Seat } from './member-roles.ts';
import { memberNotFound, memberViewOf } from './member-view.ts';
import type { ListMembersQuery, MemberView } from './members.dto.ts';

@Injectable()
export class ReadMembers {
  constructor(private readonly em: EntityManager) {}

  /** Who joined last is first. */
  async list(workspaceId: WorkspaceId, { limit, cursor }: ListMembersQuery): Promise<Page<MemberView>> {
    const em = this.em.fork();
    const rows = await em.find(
      Membership,
      { workspaceId, ...after(cursor, 'userId') },
      { orderBy: { createdAt: 'desc', userId: 'desc' }, limit: limit + 1 },
    );
    const users = await em.find(User, { id: { $in: rows.map(({ userId }) => userId) } });
    const byId = new Map(users.map((user) => [user.id, user]));
    const views = rows.flatMap((row) => {
      const user = byId.get(row.userId);
      return user ? [memberViewOf(user, row)] : [];
    });
    return pageOf(
      views.map((view) => ({ createdAt: view.joinedAt, id: view.userId, view })),
      limit,
      ({ view }) => view,
    );
  }

  /** Throws `USER_NOT_FOUND`. */
  async get(seat: Seat): Promise<MemberView> {
    const em = this.em.fork();
    const membership = await em.findOne(Membership, seat);
    if (!membership) throw memberNotFound(seat.userId);
    return memberViewOf(await em.findOneOrFail(User, { id: seat.userId }), membership);
  }
}
