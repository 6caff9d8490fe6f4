import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { MillraceError } from '#libs/kernel';
import { didYouMean } from '#libs/workflow-definition';
import type { Page } from '../platform/http/page.ts';
import { versionOfCursor } from '../platform/http/versions.ts';
import { listedOperationViewOf, operationViewOf } from './document-view.ts';
import { StoredOperation } from './openapi-documents.entities.ts';
import type { ListedOperationView, ListOperationsQuery, OperationView } from './openapi-operations.dto.ts';
import { ReadDocuments, type AskedDocument } from './read-documents.ts';

@Injectable()
export class ReadOperations {
  constructor(
    private readonly em: EntityManager,
    private readonly documents: ReadDocuments,
  ) {}

  /** In the order of the document. */
  async list(asked: AskedDocument, query: ListOperationsQuery): Promise<Page<ListedOperationView>> {
    const version = await this.documents.versionNumber(asked, query.version);
    const { limit, cursor } = query;
    const rows = await this.em.fork().find(
      StoredOperation,
      {
        ...{ documentId: asked.id, version, ...wantedBy(query) },
        ...(cursor === undefined ? {} : { position: { $gt: versionOfCursor(cursor) } }),
      },
      { orderBy: { position: 'asc' }, limit: limit + 1 },
    );
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      items: shown.map(listedOperationViewOf),
      nextCursor: rows.length > limit && last ? String(last.position) : null,
    };
  }

  async get(asked: AskedDocument, operationId: string, wanted?: number): Promise<OperationView> {
    const version = await this.documents.versionNumber(asked, wanted);
    const em = this.em.fork();
    const row = await em.findOne(StoredOperation, { documentId: asked.id, version, operationId });
    if (row) return operationViewOf(row);
    const known = await em.find(StoredOperation, { documentId: asked.id, version }, { fields: ['operationId'] });
    const near = didYouMean(
      operationId,
      known.map((one) => one.operationId),
    );
    const message = `the OpenAPI document has no operation "${operationId}" in version ${version}${near}`;
    throw new MillraceError('notFound', 'OPENAPI_OPERATION_NOT_FOUND', message);
  }
}

function wantedBy({ q, tag }: ListOperationsQuery) {
  const like = { $ilike: `%${(q ?? '').replace(/[\\%_]/g, '\\$&')}%` };
  return {
    ...(q === undefined ? {} : { $or: [{ operationId: like }, { path: like }, { summary: like }] }),
    ...(tag === undefined ? {} : { tags: { $contains: [tag] } }),
  };
}
