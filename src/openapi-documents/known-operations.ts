import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { tryParseId, type WorkspaceId } from '#libs/kernel';
import { OperationDirectory, type KnownOperation, type WantedOperation } from '../workflows/operation-directory.ts';
import { StoredDocument, StoredOperation } from './openapi-documents.entities.ts';

@Injectable()
export class KnownOperations extends OperationDirectory {
  constructor(private readonly em: EntityManager) {
    super();
  }

  async find(workspaceId: WorkspaceId, { documentId, version, operationId }: WantedOperation): Promise<KnownOperation> {
    const id = tryParseId('openapiDocument', documentId);
    const em = this.em.fork();
    const document = id ? await em.findOne(StoredDocument, { workspaceId, id }) : null;
    if (!document) return { kind: 'noDocument' };
    const { latestVersion } = document;
    if (version > latestVersion) return { kind: 'noVersion', latestVersion };
    const where = { documentId: document.id, version };
    const row = await em.findOne(StoredOperation, { ...where, operationId });
    if (row) return { kind: 'found', operation: row.operation };
    const others = await em.find(StoredOperation, where, { fields: ['operationId'] });
    return { kind: 'noOperation', operationIds: others.map((one) => one.operationId) };
  }
}
