import { LockMode } from '@mikro-orm/core';
import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { MillraceError } from '#libs/kernel';
import { noteActor } from '../platform/audit/change-notes.ts';
import type { LoginBody, SessionView } from './accounts.dto.ts';
import { Membership, User, Workspace } from './accounts.entities.ts';
import { tryParseEmail } from './email.ts';
import { LoginAttempts } from './login-attempts.ts';
import { isOutdated, NOBODYS_HASH } from './password-hash.ts';
import { Passwords } from './passwords.ts';
import { Sessions } from './sessions.ts';

@Injectable()
export class LogIn {
  constructor(
    private readonly em: EntityManager,
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
    private readonly attempts: LoginAttempts,
  ) {}

  /**
   * Throws `BAD_CREDENTIALS`, the same whether the address or the password is wrong, and never sooner for an address
   * that somebody has, nor later unless its hash is of another cost than today's;
   * `TOO_MANY_ATTEMPTS`, as soon for an address that nobody has; and `NO_WORKSPACE`.
   *
   * @param ip where the caller is
   */
  async execute({ email, password, workspaceId }: LoginBody, ip: string | undefined): Promise<SessionView> {
    const attempt = { email, ip };
    await this.attempts.refuseWhenLocked(attempt);
    const user = await this.userOf(email, password);
    if (!user) {
      await this.attempts.noteFailure(attempt);
      throw new MillraceError('unauthenticated', 'BAD_CREDENTIALS', 'the e-mail address or the password is wrong');
    }
    await this.attempts.refuseWhenLocked(attempt);
    await this.attempts.noteSuccess(attempt);
    const outdated = isOutdated(user.passwordHash);
    const renewed = outdated ? await this.passwords.hash(password) : undefined;
    return this.em.transactional(async (em) => {
      if (renewed !== undefined) await em.nativeUpdate(User, { id: user.id }, { passwordHash: renewed });
      return this.open(em, user, workspaceId);
    });
  }

  private async userOf(email: string, password: string): Promise<User | undefined> {
    const known = tryParseEmail(email);
    const user = known === undefined ? null : await this.em.fork().findOne(User, { email: known });
    const right = await this.passwords.verify(password, user?.passwordHash ?? NOBODYS_HASH);
    if (user && right) return user;
    // A cheaper hash would be refused sooner than an unknown address. Today's cost on top cannot be.
    if (user && isOutdated(user.passwordHash)) await this.passwords.verify(password, NOBODYS_HASH);
    return undefined;
  }

  /** Into that workspace, or else the one that the user has belonged to longest. */
  private async open(em: EntityManager, { id, email, name }: User, wanted?: string): Promise<SessionView> {
    const seats = await em.find(
      Membership,
      { userId: id },
      // Held to the end: whoever ends the membership meanwhile also ends the login that comes of it.
      { orderBy: { createdAt: 'asc', workspaceId: 'asc' }, lockMode: LockMode.PESSIMISTIC_READ },
    );
    const seat = seats.find(({ workspaceId }) => wanted === undefined || workspaceId === wanted);
    if (!seat) throw noWorkspace(wanted);
    const workspace = await em.findOneOrFail(Workspace, { id: seat.workspaceId });
    const tokens = await this.sessions.open(em, { userId: id, workspaceId: workspace.id });
    noteActor({ workspaceId: workspace.id, actor: { type: 'user', id } });
    return {
      user: { id, email, name: name ?? null },
      workspace: { id: workspace.id, name: workspace.name },
      ...tokens,
    };
  }
}

/** The same of a workspace that is not theirs and of one that is not there. */
function noWorkspace(wanted: string | undefined): MillraceError {
  const message =
    wanted === undefined
      ? 'this account belongs to no workspace any more; ask an owner of one to add it (POST /v1/members)'
      : 'this account does not belong to that workspace; leave workspaceId out to log in to its own, or ask an owner of that one to add it';
  return new MillraceError('forbidden', 'NO_WORKSPACE', message);
}
