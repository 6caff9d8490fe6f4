import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { OpenApiDocumentId, WorkspaceId } from '#libs/kernel';
import { after, pageOf, type Page } from '../platform/http/page.ts';
import { pageOfVersions, versionOfCursor } from '../platform/http/versions.ts';
import {
  documentNotFound,
  documentViewOf,
  summaryViewOf,
  versionNotFound,
  versionSummaryViewOf,
  versionViewOf,
} from './document-view.ts';
import type {
  DocumentSummaryView,
  DocumentVersionSummaryView,
  DocumentVersionView,
  DocumentView,
  ListDocumentsQuery,
} from './openapi-documents.dto.ts';
import { StoredDocument, StoredDocumentVersion } from './openapi-documents.entities.ts';

export interface AskedDocument {
  readonly workspaceId: WorkspaceId;
  readonly id: OpenApiDocumentId;
}

@Injectable()
export class ReadDocuments {
  constructor(private readonly em: EntityManager) {}

  async get(asked: AskedDocument): Promise<DocumentView> {
    const row = await this.#find(asked);
    return documentViewOf(row, await this.#version(row, row.latestVersion));
  }

  /** Newest first. */
  async list(workspaceId: WorkspaceId, { limit, cursor }: ListDocumentsQuery): Promise<Page<DocumentSummaryView>> {
    const rows = await this.em
      .fork()
      .find(
        StoredDocument,
        { workspaceId, ...after(cursor, 'id') },
        { orderBy: { createdAt: 'desc', id: 'desc' }, limit: limit + 1 },
      );
    return pageOf(rows.map(summaryViewOf), limit, (view) => view);
  }

  /** Newest first. */
  async versions(
    asked: AskedDocument,
    { limit, cursor }: ListDocumentsQuery,
  ): Promise<Page<DocumentVersionSummaryView>> {
    const { id: documentId } = await this.#find(asked);
    const older = cursor === undefined ? {} : { version: { $lt: versionOfCursor(cursor) } };
    const rows = await this.em
      .fork()
      .find(
        StoredDocumentVersion,
        { documentId, ...older },
        { orderBy: { version: 'desc' }, limit: limit + 1, fields: ['version', 'name', 'createdAt'] },
      );
    return pageOfVersions(rows.map(versionSummaryViewOf), limit);
  }

  async version(asked: AskedDocument, version: number): Promise<DocumentVersionView> {
    return versionViewOf(await this.#version(await this.#find(asked), version));
  }

  /** Without a version: the latest. */
  async versionNumber(asked: AskedDocument, version?: number): Promise<number> {
    const { latestVersion } = await this.#find(asked);
    if (version !== undefined && version > latestVersion) throw versionNotFound(version);
    return version ?? latestVersion;
  }

  async #find({ workspaceId, id }: AskedDocument): Promise<StoredDocument> {
    const row = await this.em.fork().findOne(StoredDocument, { workspaceId, id });
    if (!row) throw documentNotFound(id);
    return row;
  }

  async #version({ id, latestVersion }: StoredDocument, version: number) {
    if (version > latestVersion) throw versionNotFound(version);
    const where = { documentId: id, version };
    const row = await this.em.fork().findOne(StoredDocumentVersion, where, { exclude: ['source'] });
    // Somebody deleted it between the two.
    if (!row) throw documentNotFound(id);
    return row;
  }
}
