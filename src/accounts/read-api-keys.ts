import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { IdOf, WorkspaceId } from '#libs/kernel';
import { after, pageOf, type Page } from '../platform/http/page.ts';
import { ApiKey } from './accounts.entities.ts';
import { apiKeyNotFound } from './api-key.ts';
import { apiKeyViewOf } from './api-key-view.ts';
import type { ApiKeyView, ListApiKeysQuery } from './api-keys.dto.ts';

@Injectable()
export class ReadApiKeys {
  constructor(private readonly em: EntityManager) {}

  /** Newest first. */
  async list(workspaceId: WorkspaceId, { limit, cursor }: ListApiKeysQuery): Promise<Page<ApiKeyView>> {
    const rows = await this.em
      .fork()
      .find(
        ApiKey,
        { workspaceId, ...after(cursor, 'id') },
        { orderBy: { createdAt: 'desc', id: 'desc' }, limit: limit + 1 },
      );
    return pageOf(rows.map(apiKeyViewOf), limit, (view) => view);
  }

  /** Throws `API_KEY_NOT_FOUND`. */
  async get(workspaceId: WorkspaceId, id: IdOf<'apiKey'>): Promise<ApiKeyView> {
    const found = await this.em.fork().findOne(ApiKey, { workspaceId, id });
    if (!found) throw apiKeyNotFound(id);
    return apiKeyViewOf(found);
  }
}
