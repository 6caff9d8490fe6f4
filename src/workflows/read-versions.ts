import { Inject, Injectable } from '@nestjs/common';
import { MillraceError, type WorkflowId, type WorkspaceId } from '#libs/kernel';
import {
  findWorkflowVersions,
  listWorkflowVersions,
  type Database,
  type FoundVersion,
  type WorkflowRecord,
  type WorkflowVersionQuery,
} from '#libs/read-models';
import { diffDefinitions, type DefinitionDiff, type WorkflowDefinition } from '#libs/workflow-definition';
import { DATABASE } from '../read-models/tokens.ts';
import { workflowNotFound } from './read-workflows.ts';
import {
  versionSummaryViewOf,
  versionViewOf,
  type VersionSummaryView,
  type VersionView,
} from './workflow-version-view.ts';

interface Asked {
  readonly workspaceId: WorkspaceId;
  readonly workflowId: WorkflowId;
}

@Injectable()
export class ReadVersions {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  /** Newest first. */
  async list(query: WorkflowVersionQuery): Promise<VersionSummaryView[]> {
    const found = (await listWorkflowVersions(this.database, query)) ?? workflowNotFound(query.workflowId);
    return found.versions.map((summary) => versionSummaryViewOf(summary, found.activeVersion));
  }

  async get(asked: Asked, version: number): Promise<VersionView> {
    const [found] = await this.#find(asked, [version]);
    const { summary, definition } = found ?? versionNotFound(version);
    return versionViewOf(summary, definition);
  }

  /** Undefined when no version is active. */
  async activeDefinitionOf(record: WorkflowRecord): Promise<WorkflowDefinition | undefined> {
    const { id: workflowId, workspaceId, activeVersion, latestVersion, definition } = record;
    if (activeVersion === null) return undefined;
    if (activeVersion === latestVersion) return definition;
    const found = await findWorkflowVersions(this.database, { workspaceId, workflowId }, [activeVersion]);
    return found?.[0]?.definition;
  }

  async diff(asked: Asked, from: number, to: number): Promise<DefinitionDiff> {
    const [before, after] = await this.#find(asked, [from, to]);
    return diffDefinitions((before ?? versionNotFound(from)).definition, (after ?? versionNotFound(to)).definition);
  }

  async #find(asked: Asked, versions: readonly number[]): Promise<FoundVersion[]> {
    return (await findWorkflowVersions(this.database, asked, versions)) ?? workflowNotFound(asked.workflowId);
  }
}

function versionNotFound(version: number): never {
  throw new MillraceError('notFound', 'WORKFLOW_VERSION_NOT_FOUND', `the workflow has no version ${version}`);
}
