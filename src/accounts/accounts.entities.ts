import { defineEntity, p } from '@mikro-orm/core';
import type { IdOf, UserId, WorkspaceId } from '#libs/kernel';
import { MEMBER_ROLES } from '../platform/access/permissions.ts';

const UserSchema = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: {
    id: p.string().$type<UserId>().primary(),
    /** Normalised, see parseEmail. */
    email: p.string(),
    name: p.string().nullable(),
    /** As a PHC string. */
    passwordHash: p.string(),
    createdAt: p.datetime(),
  },
});
export class User extends UserSchema.class {}
UserSchema.setClass(User);

const WorkspaceSchema = defineEntity({
  name: 'Workspace',
  tableName: 'workspaces',
  properties: {
    id: p.string().$type<WorkspaceId>().primary(),
    name: p.string(),
    createdAt: p.datetime(),
  },
});
export class Workspace extends WorkspaceSchema.class {}
WorkspaceSchema.setClass(Workspace);

const MembershipSchema = defineEntity({
  name: 'Membership',
  tableName: 'memberships',
  properties: {
    userId: p.string().$type<UserId>().primary(),
    workspaceId: p.string().$type<WorkspaceId>().primary(),
    role: p.enum(MEMBER_ROLES),
    createdAt: p.datetime(),
  },
});
export class Membership extends MembershipSchema.class {}
MembershipSchema.setClass(Membership);

/** One login and all refresh tokens that follow from it; what a reuse revokes. */
const RefreshFamilySchema = defineEntity({
  name: 'RefreshFamily',
  tableName: 'refresh_families',
  properties: {
    id: p.string().primary(),
    userId: p.string().$type<UserId>(),
    workspaceId: p.string().$type<WorkspaceId>(),
    createdAt: p.datetime(),
    /** When the newest of its tokens ends. */
    expiresAt: p.datetime(),
    revokedAt: p.datetime().nullable(),
  },
});
export class RefreshFamily extends RefreshFamilySchema.class {}
RefreshFamilySchema.setClass(RefreshFamily);

const RefreshTokenSchema = defineEntity({
  name: 'RefreshToken',
  tableName: 'refresh_tokens',
  properties: {
    /** See hashToken. */
    tokenHash: p.string().primary(),
    familyId: p.string(),
    createdAt: p.datetime(),
    expiresAt: p.datetime(),
    usedAt: p.datetime().nullable(),
  },
});
export class RefreshToken extends RefreshTokenSchema.class {}
RefreshTokenSchema.setClass(RefreshToken);

const ApiKeySchema = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  properties: {
    id: p.string().$type<IdOf<'apiKey'>>().primary(),
    workspaceId: p.string().$type<WorkspaceId>(),
    name: p.string(),
    role: p.enum(MEMBER_ROLES),
    /** See hashToken. */
    keyHash: p.string(),
    createdByType: p.enum(['user', 'apiKey']),
    createdById: p.string(),
    createdAt: p.datetime(),
    expiresAt: p.datetime().nullable(),
    /** Within a minute, see API_KEY_USE_MS. */
    lastUsedAt: p.datetime().nullable(),
  },
});
export class ApiKey extends ApiKeySchema.class {}
ApiKeySchema.setClass(ApiKey);

const LoginFailuresSchema = defineEntity({
  name: 'LoginFailures',
  tableName: 'login_failures',
  properties: {
    /** Of whom or of where, see LoginAttempts. */
    key: p.string().primary(),
    failures: p.integer(),
    /** When they are forgotten. */
    endsAt: p.datetime(),
  },
});
export class LoginFailures extends LoginFailuresSchema.class {}
LoginFailuresSchema.setClass(LoginFailures);

export const accountsEntities = [User, Workspace, Membership, RefreshFamily, RefreshToken, ApiKey, LoginFailures];
