import type { EntityManager } from '@mikro-orm/postgresql';
import type { WorkspaceId } from '#libs/kernel';

/**
 * Puts the changes of one workspace's members, keys and credentials in order, to the end of the caller's transaction. What counts or
 * compares several of them (a limit, the last owner) reads only after it. `no key`, so that rows that refer to the
 * workspace can be inserted meanwhile: a login that holds its membership would otherwise wait for who waits for it.
 */
export async function lockWorkspace(em: EntityManager, id: WorkspaceId): Promise<void> {
  await em.execute('select from workspaces where id = ? for no key update', [id]);
}
