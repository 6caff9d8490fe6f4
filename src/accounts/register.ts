import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { EntityManager } from '@mikro-orm/postgresql';
import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type Clock, type IdSource } from '#libs/kernel';
import { noteActor } from '../platform/audit/change-notes.ts';
import { CLOCK, ID_SOURCE } from '../platform/tokens.ts';
import type { RegisterBody, SessionView } from './accounts.dto.ts';
import { Membership, User, Workspace } from './accounts.entities.ts';
import { Passwords } from './passwords.ts';
import { Sessions } from './sessions.ts';

/** A new user, who owns a new workspace, and is logged in. */
@Injectable()
export class Register {
  constructor(
    private readonly em: EntityManager,
    private readonly passwords: Passwords,
    private readonly sessions: Sessions,
    @Inject(ID_SOURCE) private readonly ids: IdSource,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Throws `EMAIL_TAKEN`. */
  async execute({ email, password, name }: RegisterBody): Promise<SessionView> {
    if ((await this.em.fork().count(User, { email })) > 0) throw emailTaken();
    // Outside the transaction, which would keep a connection waiting for it.
    const passwordHash = await this.passwords.hash(password);
    const createdAt = new Date(this.clock.nowMs());
    const user = { id: this.ids.newId('user'), email, name: name ?? null };
    const workspace = { id: this.ids.newId('workspace'), name: `${name ?? email}'s workspace` };
    const ids = { userId: user.id, workspaceId: workspace.id };
    try {
      const tokens = await this.em.transactional(async (em) => {
        await em.insert(User, { ...user, passwordHash, createdAt });
        await em.insert(Workspace, { ...workspace, createdAt });
        await em.insert(Membership, { ...ids, role: 'owner', createdAt });
        return this.sessions.open(em, ids);
      });
      noteActor({ workspaceId: workspace.id, actor: { type: 'user', id: user.id } });
      return { user, workspace, ...tokens };
    } catch (error) {
      // Two registered at once, and both saw that the address was free. Everything else unique here is chance.
      throw error instanceof UniqueConstraintViolationException ? emailTaken() : error;
    }
  }
}

function emailTaken(): MillraceError {
  return new MillraceError('conflict', 'EMAIL_TAKEN', 'there is an account with this e-mail address; log in instead');
}
