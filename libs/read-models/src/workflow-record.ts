import { assertNever, InvariantError } from '#libs/kernel';
import type { Endpoint, WorkflowDefinition, WorkflowEvent } from '#libs/workflow-definition';

export interface EndpointRecord extends Endpoint {
  readonly createdAt: string;
}

/** The read model of one workflow: its latest version, and which one is active. */
export interface WorkflowRecord {
  readonly id: string;
  readonly workspaceId: string;
  readonly name: string;
  readonly latestVersion: number;
  readonly activeVersion: number | null;
  readonly definition: WorkflowDefinition;
  readonly endpoints: readonly EndpointRecord[];
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Of the last event that is in it. */
  readonly revision: number;
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
    case 'WorkflowVersionPublished': {
      const { version, definition, newEndpoints } = event.data;
      const endpoints = [...record.endpoints, ...newEndpoints.map((one) => ({ ...one, createdAt: at }))];
      return { ...touched, name: definition.name, latestVersion: version, definition, endpoints };
    }
    case 'WorkflowActivated':
      return { ...touched, activeVersion: event.data.version };
    case 'WorkflowDeactivated':
      return { ...touched, activeVersion: null };
    default:
      return assertNever(event);
  }
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
    endpoints: [],
    createdAt: at,
    updatedAt: at,
    revision,
  };
}
