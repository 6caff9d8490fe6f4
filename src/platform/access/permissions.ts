/** What a member of a workspace may be. */
export const MEMBER_ROLES = ['owner', 'editor', 'viewer', 'auditor'] as const;
export type MemberRole = (typeof MEMBER_ROLES)[number];

/** What a route may ask for: a thing and what is done to it. */
export type Permission =
  | 'account:read'
  | 'executions:read'
  | 'executions:start'
  | 'webhooks:read'
  | 'webhooks:write'
  | 'workflows:read'
  | 'workflows:write';

const VIEWER: readonly Permission[] = ['account:read', 'executions:read', 'webhooks:read', 'workflows:read'];
const EDITOR: readonly Permission[] = [...VIEWER, 'executions:start', 'webhooks:write', 'workflows:write'];

const GRANTS: Record<MemberRole, ReadonlySet<Permission>> = {
  owner: new Set(EDITOR),
  editor: new Set(EDITOR),
  viewer: new Set(VIEWER),
  // Reads what happened, and nothing of what could happen.
  auditor: new Set<Permission>(['account:read', 'executions:read']),
};

export function isGranted(role: MemberRole, permission: Permission): boolean {
  return GRANTS[role].has(permission);
}
