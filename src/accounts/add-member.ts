import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type Clock, type WorkspaceId } from '#libs/kernel';
import { noteChange } from '../platform/audit/change-notes.ts';
import { CLOCK } from '../platform/tokens.ts';
import { Membership, User } from './accounts.entities.ts';
import { memberViewOf } from './member-view.ts';
import type { AddMemberBody, MemberView } from './members.dto.ts';
import { lockWorkspace } from '../platform/database/workspace-lock.ts';

export const MAX_MEMBERS = 500;

/** Lets in somebody who has an account already. */
@Injectable()
export class AddMember {
  constructor(
    private readonly em: EntityManager,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws `NO_SUCH_ACCOUNT`, `ALREADY_MEMBER` and `TOO_MANY_MEMBERS`. */
  execute(workspaceId: WorkspaceId, { email, role }: AddMemberBody): Promise<MemberView> {
    return this.em.transactional(async (em) => {
      const user = await em.findOne(User, { email });
      if (!user) throw noSuchAccount();
      await lockWorkspace(em, workspaceId);
      const seat = { userId: user.id, workspaceId };
      if ((await em.count(Membership, seat)) > 0) throw alreadyMember();
      if ((await em.count(Membership, { workspaceId })) >= MAX_MEMBERS) throw tooMany();
      const terms = { role, createdAt: new Date(this.clock.nowMs()) };
      await em.insert(Membership, { ...seat, ...terms });
      noteChange({ target: user.id, after: { role } });
      return memberViewOf(user, terms);
    });
  }
}

function noSuchAccount(): MillraceError {
  return new MillraceError(
    'refused',
    'NO_SUCH_ACCOUNT',
    'nobody has registered with this e-mail address; let them do so first (POST /v1/auth/register)',
  );
}

function alreadyMember(): MillraceError {
  return new MillraceError('conflict', 'ALREADY_MEMBER', 'they are a member already; PATCH changes their role');
}

function tooMany(): MillraceError {
  return new MillraceError(
    'refused',
    'TOO_MANY_MEMBERS',
    `a workspace has at most ${MAX_MEMBERS} members; remove one first (DELETE /v1/members/:userId)`,
  );
}
