import { createHash } from 'node:crypto';
import type { Actor } from '#libs/event-sourcing';
import type { Problem } from '#libs/kernel';
import { contentHashOf, type WorkflowDefinition, type WorkflowEvent } from '#libs/workflow-definition';
import type { WorkflowRecord } from './workflow-record.ts';

/** A published version without its definition. Never changes. */
export interface WorkflowVersionSummary {
  readonly workflowId: string;
  readonly version: number;
  readonly name: string;
  /** `sha256:<hex>` over the definition's canonical JSON. */
  readonly contentHash: string;
  readonly warnings: readonly Problem[];
  readonly createdAt: string;
  /** Null when nobody did it, but the installation itself. */
  readonly createdBy: Actor | null;
}

export interface WorkflowVersionRecord {
  readonly workspaceId: string;
  readonly summary: WorkflowVersionSummary;
  readonly definition: WorkflowDefinition;
}

/** The version that the event published; `record` is its workflow's. */
export function workflowVersionOf(
  { id, workspaceId }: Pick<WorkflowRecord, 'id' | 'workspaceId'>,
  { data }: Extract<WorkflowEvent, { type: 'WorkflowVersionPublished' }>,
  recorded: { readonly at: string; readonly actor: Actor | undefined },
): WorkflowVersionRecord {
  const { version, definition, warnings = [] } = data;
  const summary = {
    workflowId: id,
    version,
    name: definition.name,
    // Those published before there were hashes get theirs here.
    contentHash: data.contentHash ?? contentHashOf(definition, sha256),
    warnings,
    createdAt: recorded.at,
    createdBy: recorded.actor ?? null,
  };
  return { workspaceId, summary, definition };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
