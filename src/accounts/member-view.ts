import { MillraceError, type UserId } from '#libs/kernel';
import type { Membership, User } from './accounts.entities.ts';
import type { MemberView } from './members.dto.ts';

export function memberViewOf(
  user: Pick<User, 'id' | 'email' | 'name'>,
  { role, createdAt }: Pick<Membership, 'role' | 'createdAt'>,
): MemberView {
  return { userId: user.id, email: user.email, name: user.name ?? null, role, joinedAt: createdAt.toISOString() };
}

/** Also of users who are there, but in other workspaces. */
export function memberNotFound(userId: UserId): MillraceError {
  return new MillraceError('notFound', 'USER_NOT_FOUND', `this workspace has no member ${userId}`);
}
