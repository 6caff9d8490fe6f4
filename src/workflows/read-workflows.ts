import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type WorkflowId, type WorkspaceId } from '#libs/kernel';
import {
  findWorkflows,
  listWorkflows,
  SharedLookup,
  type Database,
  type WorkflowQuery,
  type WorkflowRecord,
} from '#libs/read-models';
import { DATABASE } from '../read-models/tokens.ts';

@Injectable()
export class ReadWorkflows {
  readonly #workflows: SharedLookup<WorkflowRecord>;

  constructor(@Inject(DATABASE) private readonly database: Database) {
    this.#workflows = new SharedLookup((ids) => findWorkflows(database, ids));
  }

  list(query: WorkflowQuery): Promise<WorkflowRecord[]> {
    return listWorkflows(this.database, query);
  }

  async get(workspaceId: WorkspaceId, workflowId: WorkflowId): Promise<WorkflowRecord> {
    const record = await this.#workflows.get(workflowId);
    const isThere = record?.workspaceId === workspaceId && record.archivedAt === null;
    return isThere ? record : workflowNotFound(workflowId);
  }
}

export function workflowNotFound(workflowId: string): never {
  throw new MillraceError('notFound', 'WORKFLOW_NOT_FOUND', `there is no workflow ${workflowId}`);
}
