import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { IdOf, WorkspaceId } from '#libs/kernel';
import { noteChange } from '../platform/audit/change-notes.ts';
import { ApiKey } from './accounts.entities.ts';
import { apiKeyNotFound } from './api-key.ts';
import { apiKeySummary, apiKeyViewOf } from './api-key-view.ts';
import { ApiKeyHolders } from './api-key-holders.ts';

@Injectable()
export class DeleteApiKey {
  constructor(
    private readonly em: EntityManager,
    private readonly holders: ApiKeyHolders,
  ) {}

  /** The key opens nothing from here on; in other processes, within five seconds. Throws `API_KEY_NOT_FOUND`. */
  async execute(workspaceId: WorkspaceId, id: IdOf<'apiKey'>): Promise<void> {
    const em = this.em.fork();
    const found = await em.findOne(ApiKey, { workspaceId, id });
    const deleted = await em.nativeDelete(ApiKey, { workspaceId, id });
    if (!found || deleted === 0) throw apiKeyNotFound(id);
    noteChange({ before: apiKeySummary(apiKeyViewOf(found)), after: null });
    this.holders.forget(found.keyHash);
  }
}
