import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { UserId } from '#libs/kernel';
import type { Access } from '../platform/access/authenticator.ts';
import type { MeView } from './accounts.dto.ts';
import { User, Workspace } from './accounts.entities.ts';

@Injectable()
export class ReadMe {
  constructor(private readonly em: EntityManager) {}

  async execute({ actor, workspaceId, role }: Access): Promise<MeView> {
    const em = this.em.fork();
    const { id, email, name } = await em.findOneOrFail(User, { id: actor.id as UserId });
    const workspace = await em.findOneOrFail(Workspace, { id: workspaceId });
    return { user: { id, email, name: name ?? null }, workspace: { id: workspace.id, name: workspace.name }, role };
  }
}
