import type { EntityManager } from '@mikro-orm/postgresql';
import { MillraceError, type WorkspaceId } from '#libs/kernel';

/** Of all versions of all documents of a workspace, as they are stored. */
export const MAX_STORED_BYTES = 512 * 1024 * 1024;

/** Under the lock of the workspace. */
export async function ensureRoom(em: EntityManager, workspaceId: WorkspaceId, bytes: number): Promise<void> {
  const [row] = await em.execute<{ bytes: string }[]>(
    `select coalesce(sum(v.stored_bytes), 0) as bytes
     from openapi_documents d join openapi_document_versions v on v.document_id = d.id where d.workspace_id = ?`,
    [workspaceId],
  );
  if (Number(row?.bytes) + bytes <= MAX_STORED_BYTES) return;
  const message = `the OpenAPI documents of a workspace may have ${MAX_STORED_BYTES} bytes together, all versions counted; delete one that nothing uses any more`;
  throw new MillraceError('refused', 'OPENAPI_DOCUMENT_LIMIT_REACHED', message);
}

export function changed(latestVersion: number): MillraceError {
  const message = `the latest version is ${latestVersion}; read it, and make your change again`;
  return new MillraceError('stale', 'OPENAPI_DOCUMENT_CHANGED', message);
}

export function nameTaken(otherId: string): MillraceError {
  const message = `the OpenAPI document ${otherId} of this workspace has this name`;
  return new MillraceError('conflict', 'OPENAPI_DOCUMENT_NAME_TAKEN', message, {
    problems: [{ path: 'name', message: 'is taken' }],
  });
}

export function limitReached(most: number): MillraceError {
  const message = `a workspace has at most ${most} OpenAPI documents; delete one that nothing uses any more`;
  return new MillraceError('refused', 'OPENAPI_DOCUMENT_LIMIT_REACHED', message);
}

export function versionLimitReached(most: number): MillraceError {
  const message = `an OpenAPI document has at most ${most} versions; create another document`;
  return new MillraceError('refused', 'OPENAPI_DOCUMENT_VERSION_LIMIT_REACHED', message);
}
