import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { tryParseId, type WorkspaceId } from '#libs/kernel';
import { after, pageOf, type Page } from '../platform/http/page.ts';
import { credentialNotFound, credentialViewOf } from './credential-view.ts';
import type { CredentialView, ListCredentialsQuery } from './credentials.dto.ts';
import { SEALED_FIELDS, StoredCredential, type CredentialId } from './credentials.entities.ts';

@Injectable()
export class ReadCredentials {
  constructor(private readonly em: EntityManager) {}

  async get(workspaceId: WorkspaceId, id: CredentialId): Promise<CredentialView> {
    const row = await this.em.fork().findOne(StoredCredential, { id, workspaceId }, { exclude: SEALED_FIELDS });
    if (!row) throw credentialNotFound(id);
    return credentialViewOf(row);
  }

  /** Newest first. */
  async list(workspaceId: WorkspaceId, { limit, cursor }: ListCredentialsQuery): Promise<Page<CredentialView>> {
    const rows = await this.em
      .fork()
      .find(
        StoredCredential,
        { workspaceId, ...after(cursor, 'id') },
        { orderBy: { createdAt: 'desc', id: 'desc' }, limit: limit + 1, exclude: SEALED_FIELDS },
      );
    return pageOf(rows.map(credentialViewOf), limit, (view) => view);
  }

  /** Those of the ids that are no credentials of the workspace, each once, in their order. */
  async missing(workspaceId: WorkspaceId, ids: readonly string[]): Promise<string[]> {
    const wanted = ids.map((id) => tryParseId('credential', id)).filter((id) => id !== undefined);
    if (wanted.length === 0) return [...new Set(ids)];
    const rows = await this.em.fork().find(StoredCredential, { workspaceId, id: { $in: wanted } }, { fields: ['id'] });
    const present = new Set<string>(rows.map(({ id }) => id));
    return [...new Set(ids)].filter((id) => !present.has(id));
  }
}
