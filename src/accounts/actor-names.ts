import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { Actor } from '#libs/event-sourcing';
import { ApiKey, User } from './accounts.entities.ts';

/** What people and keys are called now, for lists that show who did something. */
@Injectable()
export class ActorNames {
  constructor(private readonly em: EntityManager) {}

  /** By id; without those that are gone. */
  async of(actors: readonly Actor[]): Promise<ReadonlyMap<string, string>> {
    const idsOf = (type: Actor['type']): string[] => [
      ...new Set(actors.flatMap((actor) => (actor.type === type ? [actor.id] : []))),
    ];
    const em = this.em.fork();
    const [users, keys] = await Promise.all([
      em.find(User, { id: { $in: idsOf('user') as User['id'][] } }, { fields: ['id', 'name', 'email'] }),
      em.find(ApiKey, { id: { $in: idsOf('apiKey') as ApiKey['id'][] } }, { fields: ['id', 'name'] }),
    ]);
    return new Map([
      ...users.map(({ id, name, email }): [string, string] => [id, name ?? email]),
      ...keys.map(({ id, name }): [string, string] => [id, name]),
    ]);
  }
}
