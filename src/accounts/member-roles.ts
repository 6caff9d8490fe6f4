import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { UserId, WorkspaceId } from '#libs/kernel';
import type { MemberRole } from '../platform/access/permissions.ts';
import { Membership } from './accounts.entities.ts';
import { RecentReads } from '../platform/recent-reads.ts';
import { ACCESS_KEPT_MS } from './kept-access.ts';

/** A place in a workspace that somebody may have. */
export interface Seat {
  readonly userId: UserId;
  readonly workspaceId: WorkspaceId;
}

/** What members may do now, or could a few seconds ago: see RecentReads. */
@Injectable()
export class MemberRoles {
  private readonly recent = new RecentReads<MemberRole>(ACCESS_KEPT_MS);

  constructor(private readonly em: EntityManager) {}

  roleOf(seat: Seat): Promise<MemberRole | undefined> {
    return this.recent.get(keyOf(seat), () => this.read(seat));
  }

  /** After a change, so that it takes effect at once in this process. */
  forget(seat: Seat): void {
    this.recent.forget(keyOf(seat));
  }

  private async read({ userId, workspaceId }: Seat): Promise<MemberRole | undefined> {
    return (await this.em.fork().findOne(Membership, { userId, workspaceId }))?.role;
  }
}

function keyOf({ userId, workspaceId }: Seat): string {
  return `${userId} ${workspaceId}`;
}
