import { Injectable } from '@nestjs/common';
import { Authenticator, type Access } from '../platform/access/authenticator.ts';
import { AccessTokens, invalidToken } from './access-tokens.ts';
import { isApiKey } from './api-key.ts';
import { ApiKeyHolders } from './api-key-holders.ts';
import { MemberRoles } from './member-roles.ts';

/** Knows the bearers of access tokens that are members of their workspace now, and of API keys. */
@Injectable()
export class BearerAuthenticator extends Authenticator {
  constructor(
    private readonly accessTokens: AccessTokens,
    private readonly roles: MemberRoles,
    private readonly apiKeys: ApiKeyHolders,
  ) {
    super();
  }

  authenticate(token: string, beforeReading: () => void): Promise<Access> {
    // An access token is verified first: nobody can make one up whose member is then looked for.
    return isApiKey(token) ? this.apiKeys.authenticate(token, beforeReading) : this.authenticateMember(token);
  }

  private async authenticateMember(token: string): Promise<Access> {
    const { userId, workspaceId } = this.accessTokens.verify(token);
    const role = await this.roles.roleOf({ userId, workspaceId });
    if (role === undefined) throw invalidToken();
    return { actor: { type: 'user', id: userId }, workspaceId, role };
  }
}
