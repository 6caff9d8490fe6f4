import { assertNever, InvariantError, MillraceError } from '#libs/kernel';
import type { Decider } from '#libs/event-sourcing';
import type { WorkflowDefinition } from '../definition.ts';
import type { Endpoint, WorkflowEvent } from './workflow-events.ts';

export interface PresentWorkflow {
  readonly status: 'present';
  readonly workspaceId: string;
  readonly latestVersion: number;
  readonly activeVersion?: number;
  readonly endpoints: readonly Endpoint[];
  readonly createdAt: string;
  readonly updatedAt: string;
}
export type WorkflowState = { readonly status: 'none' } | PresentWorkflow;

export type WorkflowCommand =
  | {
      readonly type: 'CreateWorkflow';
      readonly workspaceId: string;
      readonly definition: WorkflowDefinition;
      /** An endpoint for each webhook node, used for those that have none yet. */
      readonly endpoints: readonly Endpoint[];
    }
  | {
      readonly type: 'PublishVersion';
      readonly definition: WorkflowDefinition;
      readonly endpoints: readonly Endpoint[];
      /** The version that the caller has seen last; a newer one refuses the command. */
      readonly expectedVersion: number;
    }
  /** Without a version: the latest. */
  | { readonly type: 'ActivateWorkflow'; readonly version?: number }
  | { readonly type: 'DeactivateWorkflow' };

function decide(command: WorkflowCommand, state: WorkflowState): readonly WorkflowEvent[] {
  if (command.type === 'CreateWorkflow') return create(command, state);
  if (state.status === 'none') throw new MillraceError('notFound', 'WORKFLOW_NOT_FOUND', 'there is no such workflow');
  switch (command.type) {
    case 'PublishVersion':
      return publish(command, state);
    case 'ActivateWorkflow':
      return activate(command.version ?? state.latestVersion, state);
    case 'DeactivateWorkflow':
      return state.activeVersion === undefined ? [] : [{ type: 'WorkflowDeactivated', data: {} }];
    default:
      return assertNever(command);
  }
}

function create(
  { workspaceId, definition, endpoints }: Extract<WorkflowCommand, { type: 'CreateWorkflow' }>,
  state: WorkflowState,
): readonly WorkflowEvent[] {
  if (state.status !== 'none') return [];
  return [
    { type: 'WorkflowCreated', data: { workspaceId } },
    { type: 'WorkflowVersionPublished', data: { version: 1, definition, newEndpoints: endpoints } },
  ];
}

function publish(
  { definition, endpoints, expectedVersion }: Extract<WorkflowCommand, { type: 'PublishVersion' }>,
  state: PresentWorkflow,
): readonly WorkflowEvent[] {
  if (expectedVersion !== state.latestVersion) {
    throw new MillraceError(
      'stale',
      'WORKFLOW_CHANGED',
      `the workflow is at version ${state.latestVersion}, not ${expectedVersion}; read it again and repeat the change`,
    );
  }
  const known = new Set(state.endpoints.map((endpoint) => endpoint.nodeId));
  const newEndpoints = endpoints.filter((endpoint) => !known.has(endpoint.nodeId));
  return [{ type: 'WorkflowVersionPublished', data: { version: state.latestVersion + 1, definition, newEndpoints } }];
}

function activate(version: number, state: PresentWorkflow): readonly WorkflowEvent[] {
  if (version < 1 || version > state.latestVersion) {
    throw new MillraceError(
      'notFound',
      'WORKFLOW_VERSION_NOT_FOUND',
      `the workflow has versions 1 to ${state.latestVersion}, there is no ${version}`,
    );
  }
  return version === state.activeVersion ? [] : [{ type: 'WorkflowActivated', data: { version } }];
}

function evolve(state: WorkflowState, event: WorkflowEvent, at: string): WorkflowState {
  if (event.type === 'WorkflowCreated') {
    const { workspaceId } = event.data;
    return { status: 'present', workspaceId, latestVersion: 0, endpoints: [], createdAt: at, updatedAt: at };
  }
  if (state.status === 'none') throw new InvariantError(`${event.type} before WorkflowCreated`);
  switch (event.type) {
    case 'WorkflowVersionPublished': {
      const { version, newEndpoints } = event.data;
      return { ...state, latestVersion: version, endpoints: [...state.endpoints, ...newEndpoints], updatedAt: at };
    }
    case 'WorkflowActivated':
      return { ...state, activeVersion: event.data.version, updatedAt: at };
    case 'WorkflowDeactivated': {
      const { activeVersion: _, ...inactive } = state;
      return { ...inactive, updatedAt: at };
    }
    default:
      return assertNever(event);
  }
}

export const workflowDecider: Decider<WorkflowState, WorkflowCommand, WorkflowEvent, undefined> = {
  decide,
  evolve,
  initialState: () => ({ status: 'none' }),
};
