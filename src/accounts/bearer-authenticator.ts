import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { UserId, WorkspaceId } from '#libs/kernel';
import { Authenticator, type Access } from '../platform/access/authenticator.ts';
import type { MemberRole } from '../platform/access/permissions.ts';
import { AccessTokens, invalidToken } from './access-tokens.ts';
import { Membership } from './accounts.entities.ts';

interface Seat {
  readonly userId: UserId;
  readonly workspaceId: WorkspaceId;
}

/**
 * For so long a member who lost a role may still use it, in exchange for not asking Postgres at each request. Measured
 * on the monotonic clock: setting the other one back must keep nobody in.
 */
const ROLE_KEPT_MS = 5_000;

/** Knows the bearers of access tokens that are members of their workspace now. */
@Injectable()
export class BearerAuthenticator extends Authenticator {
  private readonly roles: LRUCache<string, MemberRole, Seat>;

  constructor(
    private readonly em: EntityManager,
    private readonly accessTokens: AccessTokens,
  ) {
    super();
    this.roles = new LRUCache<string, MemberRole, Seat>({
      max: 10_000,
      ttl: ROLE_KEPT_MS,
      fetchMethod: (_key, _stale, { context }) => this.readRole(context),
    });
  }

  async authenticate(token: string): Promise<Access> {
    const { userId, workspaceId } = this.accessTokens.verify(token);
    const role = await this.roles.fetch(`${userId} ${workspaceId}`, { context: { userId, workspaceId } });
    if (role === undefined) throw invalidToken();
    return { actor: { type: 'user', id: userId }, workspaceId, role };
  }

  private async readRole({ userId, workspaceId }: Seat): Promise<MemberRole | undefined> {
    return (await this.em.fork().findOne(Membership, { userId, workspaceId }))?.role;
  }
}
