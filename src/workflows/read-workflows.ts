import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type WorkflowId, type WorkspaceId } from '#libs/kernel';
import { findWorkflow, listWorkflows, type Database, type WorkflowQuery, type WorkflowRecord } from '#libs/read-models';
import { DATABASE } from '../read-models/tokens.ts';

@Injectable()
export class ReadWorkflows {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  list(query: WorkflowQuery): Promise<WorkflowRecord[]> {
    return listWorkflows(this.database, query);
  }

  async get(workspaceId: WorkspaceId, workflowId: WorkflowId): Promise<WorkflowRecord> {
    return (await findWorkflow(this.database, workspaceId, workflowId)) ?? workflowNotFound(workflowId);
  }
}

export function workflowNotFound(workflowId: string): never {
  throw new MillraceError('notFound', 'WORKFLOW_NOT_FOUND', `there is no workflow ${workflowId}`);
}
