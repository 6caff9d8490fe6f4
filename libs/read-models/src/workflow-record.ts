import { assertNever, InvariantError, type Problem } from '#libs/kernel';
import {
  afterRotation,
  type RotatedEndpoint,
  type WorkflowDefinition,
  type WorkflowEvent,
} from '#libs/workflow-definition';

export interface EndpointRecord extends RotatedEndpoint {
  readonly createdAt: string;
}

/** The read model of one workflow: its latest version, and which one is active. */
export interface WorkflowRecord {
  readonly id: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly latestVersion: number;
  readonly activeVersion: number | null;
  /** Of the latest version. */
  readonly definition: WorkflowDefinition;
  /** Of the latest version. */
  readonly warnings: readonly Problem[];
  readonly endpoints: readonly EndpointRecord[];
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Since when it is not there any more for callers; null while it is. */
  readonly archivedAt: string | null;
  /** Of the last event that is in it. */
  readonly revision: number;
  /** Of the event that published the latest version. */
  readonly versionRevision: number;
}

/** The record after one more event. */
export function projectWorkflow(
  record: WorkflowRecord | undefined,
  event: WorkflowEvent,
  recorded: { readonly workflowId: string; readonly version: number; readonly at: string },
): WorkflowRecord {
  const { workflowId, version: revision, at } = recorded;
  if (event.type === 'WorkflowCreated') return created(workflowId, event.data.workspaceId, recorded);
  if (!record) throw new InvariantError(`${event.type} of ${workflowId} before WorkflowCreated`);
  const touched = { ...record, updatedAt: at, revision };
  switch (event.type) {
    case 'WorkflowVersionPublished':
      return published(touched, event.data);
    case 'WorkflowActivated':
      return { ...touched, activeVersion: event.data.version };
    case 'WorkflowDeactivated':
      return { ...touched, activeVersion: null };
    case 'WebhookRotated':
      return { ...touched, endpoints: afterRotation(record.endpoints, event.data, at) };
    case 'WorkflowArchived':
      return { ...touched, archivedAt: at };
    default:
      return assertNever(event);
  }
}

/** `record` is what the event has touched. */
function published(
  record: WorkflowRecord,
  {
    version,
    definition,
    newEndpoints,
    warnings = [],
  }: Extract<WorkflowEvent, { type: 'WorkflowVersionPublished' }>['data'],
): WorkflowRecord {
  const { updatedAt: createdAt, revision: versionRevision } = record;
  const endpoints = [...record.endpoints, ...newEndpoints.map((one) => ({ ...one, createdAt }))];
  const { name } = definition;
  return { ...record, name, latestVersion: version, definition, warnings, endpoints, versionRevision };
}

function created(
  id: string,
  workspaceId: string,
  { version: revision, at }: { readonly version: number; readonly at: string },
): WorkflowRecord {
  return {
    id,
    workspaceId,
    name: '',
    latestVersion: 0,
    activeVersion: null,
    definition: { name: '', nodes: [], connections: [], settings: { priority: 'normal' } },
    warnings: [],
    endpoints: [],
    createdAt: at,
    updatedAt: at,
    archivedAt: null,
    revision,
    versionRevision: revision,
  };
}
