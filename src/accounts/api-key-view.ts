import type { JsonObject } from '#libs/kernel';
import type { ApiKey } from './accounts.entities.ts';
import type { ApiKeyView } from './api-keys.dto.ts';

/** All that the table has of a key. */
export type ApiKeyRow = Pick<
  ApiKey,
  | 'id'
  | 'workspaceId'
  | 'name'
  | 'role'
  | 'keyHash'
  | 'createdByType'
  | 'createdById'
  | 'createdAt'
  | 'expiresAt'
  | 'lastUsedAt'
>;

export function apiKeyViewOf(key: ApiKeyRow): ApiKeyView {
  return {
    id: key.id,
    name: key.name,
    role: key.role,
    createdAt: key.createdAt.toISOString(),
    expiresAt: key.expiresAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    createdBy: { type: key.createdByType, id: key.createdById },
  };
}

/** For the audit. */
export function apiKeySummary({ name, role, expiresAt }: ApiKeyView): JsonObject {
  return { name, role, expiresAt };
}
