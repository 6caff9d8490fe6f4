import { Inject, Injectable } from '@nestjs/common';
import type { Problem, WorkflowId, WorkspaceId } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import type { WorkflowRecord } from '#libs/read-models';
import {
  diffDefinitions,
  ensureLatestVersion,
  upgradeDefinition,
  type DefinitionDiff,
  type UpgradedDefinition,
} from '#libs/workflow-definition';
import { NODE_TYPES } from '../node-types/tokens.ts';
import { ChangeWorkflow, type Author, type WorkflowChange } from './change-workflow.ts';
import { CheckDefinition } from './check-definition.ts';
import { ReadWorkflows, workflowNotFound } from './read-workflows.ts';
import { WorkflowJournal } from './workflow-journal.ts';

export interface UpgradePreview extends UpgradedDefinition {
  /** What would be upgraded. */
  readonly record: WorkflowRecord;
  readonly diff: DefinitionDiff;
  /** Why it could not be published as it is. */
  readonly problems: readonly Problem[];
}

/** Brings a workflow's nodes to the newest versions of their types. */
@Injectable()
export class UpgradeWorkflow {
  constructor(
    @Inject(NODE_TYPES) private readonly nodeTypes: NodeTypes,
    private readonly readWorkflows: ReadWorkflows,
    private readonly journal: WorkflowJournal,
    private readonly checkDefinition: CheckDefinition,
    private readonly changeWorkflow: ChangeWorkflow,
  ) {}

  async preview(workspaceId: WorkspaceId, workflowId: WorkflowId): Promise<UpgradePreview> {
    const record = await this.readWorkflows.get(workspaceId, workflowId);
    const { definition, steps } = upgradeDefinition(record.definition, this.nodeTypes);
    const checked = await this.checkDefinition.check(workspaceId, { definition });
    return {
      record,
      definition,
      steps,
      diff: diffDefinitions(record.definition, definition),
      problems: checked.kind === 'refused' ? checked.problems : [],
    };
  }

  /** As a new version, if `expectedVersion` is the latest and anything is to be upgraded. */
  async publish(author: Author, workflowId: WorkflowId, expectedVersion: number): Promise<WorkflowChange> {
    const { record } = await this.journal.read(author.workspaceId, workflowId);
    if (!record) return workflowNotFound(workflowId);
    // Another one's definition must not become that of a version which came while this was on its way.
    ensureLatestVersion(record.latestVersion, expectedVersion);
    const { definition } = upgradeDefinition(record.definition, this.nodeTypes);
    return this.changeWorkflow.publish(author, workflowId, { definition, expectedVersion });
  }
}
