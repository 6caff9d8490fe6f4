import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { UserId } from '#libs/kernel';
import type { Access } from '../platform/access/authenticator.ts';
import type { MeView } from './accounts.dto.ts';
import { ApiKey, Membership, User, Workspace } from './accounts.entities.ts';
import { unknownApiKey } from './api-key.ts';

/** Anybody may add somebody to a workspace, so the list must end somewhere. */
const MAX_WORKSPACES = 100;

@Injectable()
export class ReadMe {
  constructor(private readonly em: EntityManager) {}

  async execute({ actor, workspaceId, role }: Access): Promise<MeView> {
    const em = this.em.fork();
    const workspace = await em.findOneOrFail(Workspace, { id: workspaceId });
    const who = actor.type === 'user' ? await aboutUser(em, actor.id) : await aboutApiKey(em, actor.id);
    return { ...who, workspace: workspaceOf(workspace), role };
  }
}

function workspaceOf({ id, name }: Workspace): MeView['workspace'] {
  return { id, name };
}

type Who = Pick<MeView, 'user' | 'apiKey' | 'workspaces'>;

async function aboutUser(em: EntityManager, actorId: string): Promise<Who> {
  const { id, email, name } = await em.findOneOrFail(User, { id: actorId as UserId });
  const seats = await em.find(
    Membership,
    { userId: id },
    { orderBy: { createdAt: 'asc', workspaceId: 'asc' }, limit: MAX_WORKSPACES },
  );
  const found = await em.find(Workspace, { id: { $in: seats.map(({ workspaceId }) => workspaceId) } });
  const workspaces = seats.flatMap(({ workspaceId, role }) =>
    found.filter((workspace) => workspace.id === workspaceId).map((workspace) => ({ ...workspaceOf(workspace), role })),
  );
  return { user: { id, email, name: name ?? null }, apiKey: null, workspaces };
}

/** Another process may have deleted the key a moment ago. */
async function aboutApiKey(em: EntityManager, actorId: string): Promise<Who> {
  const key = await em.findOne(ApiKey, { id: actorId as ApiKey['id'] });
  if (!key) throw unknownApiKey();
  return { user: null, apiKey: { id: key.id, name: key.name }, workspaces: [] };
}
