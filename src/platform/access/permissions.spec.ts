import { isGranted, MEMBER_ROLES, type Permission } from './permissions.ts';

const allowed = (permission: Permission) => MEMBER_ROLES.filter((role) => isGranted(role, permission));

describe('what roles may do', () => {
  it.each<[Permission, string[]]>([
    ['account:read', ['owner', 'editor', 'viewer', 'auditor']],
    ['apiKeys:read', ['owner']],
    ['apiKeys:write', ['owner']],
    ['credentials:read', ['owner', 'editor', 'viewer']],
    ['credentials:write', ['owner', 'editor']],
    ['emails:read', ['owner', 'editor', 'viewer']],
    ['emails:write', ['owner', 'editor']],
    ['executions:read', ['owner', 'editor', 'viewer', 'auditor']],
    ['executions:start', ['owner', 'editor']],
    ['members:leave', ['owner', 'editor', 'viewer', 'auditor']],
    ['members:read', ['owner', 'editor', 'viewer']],
    ['members:write', ['owner']],
    ['projections:read', ['owner']],
    ['projections:write', ['owner']],
    ['queues:read', ['owner']],
    ['queues:write', ['owner']],
    ['variables:read', ['owner', 'editor', 'viewer']],
    ['variables:write', ['owner', 'editor']],
    ['webhooks:read', ['owner', 'editor', 'viewer']],
    ['webhooks:write', ['owner', 'editor']],
    ['workflows:read', ['owner', 'editor', 'viewer']],
    ['workflows:write', ['owner', 'editor']],
  ])('%s: %j', (permission, roles) => {
    expect(allowed(permission)).toEqual(roles);
  });
});
