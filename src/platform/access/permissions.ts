/** What a member of a workspace may be. */
export const MEMBER_ROLES = ['owner', 'editor', 'viewer', 'auditor'] as const;
export type MemberRole = (typeof MEMBER_ROLES)[number];

/** What a route may ask for: a thing and what is done to it. */
export type Permission =
  | 'account:read'
  | 'apiKeys:read'
  | 'apiKeys:write'
  | 'audit:read'
  | 'credentials:read'
  | 'credentials:write'
  | 'emailTemplates:read'
  | 'emailTemplates:write'
  | 'emails:read'
  | 'emails:write'
  | 'executions:read'
  | 'executions:start'
  | 'executions:steer'
  | 'members:leave'
  | 'members:read'
  | 'members:write'
  | 'openapiDocuments:read'
  | 'openapiDocuments:write'
  | 'projections:read'
  | 'projections:write'
  | 'queues:read'
  | 'queues:write'
  | 'retention:read'
  | 'retention:write'
  | 'schedules:read'
  | 'schedules:write'
  | 'variables:read'
  | 'variables:write'
  | 'webhooks:read'
  | 'webhooks:write'
  | 'workflows:read'
  | 'workflows:write';

/** Whoever came in may also leave. */
const EVERYBODY: readonly Permission[] = ['account:read', 'executions:read', 'members:leave'];
/** Reads what happened, and nothing of what could happen. */
const AUDITOR: readonly Permission[] = [...EVERYBODY, 'audit:read'];
const VIEWER: readonly Permission[] = [
  ...EVERYBODY,
  'credentials:read',
  'emailTemplates:read',
  'emails:read',
  'members:read',
  'openapiDocuments:read',
  'schedules:read',
  'variables:read',
  'webhooks:read',
  'workflows:read',
];
const EDITOR: readonly Permission[] = [
  ...VIEWER,
  'credentials:write',
  'emailTemplates:write',
  'emails:write',
  'executions:start',
  'executions:steer',
  'openapiDocuments:write',
  'schedules:write',
  'variables:write',
  'webhooks:write',
  'workflows:write',
];
/** Decides who else may come in, and operates what all workspaces share. */
const OWNER: readonly Permission[] = [
  ...EDITOR,
  'apiKeys:read',
  'apiKeys:write',
  'audit:read',
  'members:write',
  'projections:read',
  'projections:write',
  'queues:read',
  'queues:write',
  'retention:read',
  'retention:write',
];

const GRANTS: Record<MemberRole, ReadonlySet<Permission>> = {
  owner: new Set(OWNER),
  editor: new Set(EDITOR),
  viewer: new Set(VIEWER),
  auditor: new Set(AUDITOR),
};

export function isGranted(role: MemberRole, permission: Permission): boolean {
  return GRANTS[role].has(permission);
}
