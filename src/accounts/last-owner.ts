import type { EntityManager } from '@mikro-orm/postgresql';
import { MillraceError } from '#libs/kernel';
import { Membership } from './accounts.entities.ts';
import type { Seat } from './member-roles.ts';

/**
 * A workspace that nobody owns could never be given to anybody again. Call it under the workspace's lock, or two owners
 * who leave at once each see the other. Throws `LAST_OWNER`.
 */
export async function keepAnOwner(em: EntityManager, { userId, workspaceId }: Seat): Promise<void> {
  const others = await em.count(Membership, { workspaceId, role: 'owner', userId: { $ne: userId } });
  if (others === 0)
    throw new MillraceError('conflict', 'LAST_OWNER', 'the workspace would have no owner; make another one first');
}
