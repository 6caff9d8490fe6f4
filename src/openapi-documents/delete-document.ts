import { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { OpenApiDocumentId, WorkspaceId } from '#libs/kernel';
import { noteChange } from '../platform/audit/change-notes.ts';
import { inUse, WorkflowUsage } from '../read-models/workflow-usage.ts';
import { documentNotFound, documentSummary } from './document-view.ts';
import { StoredDocument } from './openapi-documents.entities.ts';

@Injectable()
export class DeleteDocument {
  constructor(
    private readonly em: EntityManager,
    private readonly usage: WorkflowUsage,
  ) {}

  /** Throws `OPENAPI_DOCUMENT_IN_USE`. A workflow activated in the same moment may lose its document and then says so when it runs. */
  async execute(workspaceId: WorkspaceId, id: OpenApiDocumentId): Promise<void> {
    const em = this.em.fork();
    const before = await em.findOne(StoredDocument, { id, workspaceId });
    if (!before) throw documentNotFound(id);
    const workflows = await this.usage.workflowsUsing(workspaceId, { kind: 'openapiDocument', id });
    if (workflows.length > 0) throw inUse('OPENAPI_DOCUMENT_IN_USE', 'OpenAPI document', workflows);
    const deleted = await em.nativeDelete(StoredDocument, { id, workspaceId });
    if (deleted === 0) throw documentNotFound(id);
    const { name, latestVersion: version } = before;
    noteChange({ before: documentSummary({ name, version }), after: null });
  }
}
