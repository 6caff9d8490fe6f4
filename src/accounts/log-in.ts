import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { MillraceError } from '#libs/kernel';
import type { LoginBody, SessionView } from './accounts.dto.ts';
import { Membership, User, Workspace } from './accounts.entities.ts';
import { tryParseEmail } from './email.ts';
import { isOutdated, NOBODYS_HASH } from './password-hash.ts';
import { Passwords } from './passwords.ts';
import { Sessions } from './sessions.ts';

@Injectable()
export class LogIn {
  constructor(
    private readonly em: EntityManager,
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
  ) {}

  /** Throws `BAD_CREDENTIALS`, the same and after the same work whether the address or the password is wrong. */
  async execute({ email, password }: LoginBody): Promise<SessionView> {
    const known = tryParseEmail(email);
    const user = known === undefined ? null : await this.em.fork().findOne(User, { email: known });
    const right = await this.passwords.verify(password, user?.passwordHash ?? NOBODYS_HASH);
    if (!user || !right)
      throw new MillraceError('unauthenticated', 'BAD_CREDENTIALS', 'the e-mail address or the password is wrong');
    const outdated = isOutdated(user.passwordHash);
    const renewed = outdated ? await this.passwords.hash(password) : undefined;
    return this.em.transactional(async (em) => {
      if (renewed !== undefined) await em.nativeUpdate(User, { id: user.id }, { passwordHash: renewed });
      return this.open(em, user);
    });
  }

  /** Into the workspace that the user has belonged to longest. */
  private async open(em: EntityManager, { id, email, name }: User): Promise<SessionView> {
    const membership = await em.findOne(Membership, { userId: id }, { orderBy: { createdAt: 'asc' } });
    if (!membership)
      throw new MillraceError('forbidden', 'NO_WORKSPACE', 'this account belongs to no workspace any more');
    const workspace = await em.findOneOrFail(Workspace, { id: membership.workspaceId });
    const tokens = await this.sessions.open(em, { userId: id, workspaceId: workspace.id });
    return {
      user: { id, email, name: name ?? null },
      workspace: { id: workspace.id, name: workspace.name },
      ...tokens,
    };
  }
}
