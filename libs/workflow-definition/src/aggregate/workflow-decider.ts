import { assertNever, InvariantError, MillraceError, type Problem } from '#libs/kernel';
import type { Decider } from '#libs/event-sourcing';
import type { WorkflowDefinition } from '../definition.ts';
import { afterRotation, type RotatedEndpoint } from './rotation.ts';
import type { Endpoint, WorkflowEvent } from './workflow-events.ts';

export interface PresentWorkflow {
  readonly status: 'present';
  readonly workspaceId: string;
  readonly latestVersion: number;
  /** Of the latest version; absent when it was published before there were hashes. */
  readonly contentHash?: string | undefined;
  readonly activeVersion?: number;
  readonly endpoints: readonly RotatedEndpoint[];
  readonly createdAt: string;
  readonly updatedAt: string;
}
export type WorkflowState = { readonly status: 'none' } | { readonly status: 'archived' } | PresentWorkflow;

/** A definition that was accepted, ready to become a version. */
export interface Publication {
  readonly definition: WorkflowDefinition;
  readonly contentHash: string;
  readonly warnings: readonly Problem[];
  /** An endpoint for each webhook node, used for those that have none yet. */
  readonly endpoints: readonly Endpoint[];
}

export type WorkflowCommand =
  | { readonly type: 'CreateWorkflow'; readonly workspaceId: string; readonly publication: Publication }
  | {
      readonly type: 'PublishVersion';
      readonly publication: Publication;
      /** The version that the caller has seen last; a newer one refuses the command. */
      readonly expectedVersion: number;
    }
  /** Without a version: the latest. */
  | { readonly type: 'ActivateWorkflow'; readonly version?: number }
  | { readonly type: 'DeactivateWorkflow' }
  | { readonly type: 'ArchiveWorkflow' }
  | {
      readonly type: 'RotateWebhook';
      readonly webhookId: string;
      /** A fresh one. */
      readonly token: string;
      /** Absent: the URL of before works no more. */
      readonly graceUntil?: string;
    };

function decide(command: WorkflowCommand, state: WorkflowState): readonly WorkflowEvent[] {
  if (command.type === 'CreateWorkflow') return create(command, state);
  if (command.type === 'RotateWebhook') return rotate(command, state);
  if (state.status !== 'present')
    throw new MillraceError('notFound', 'WORKFLOW_NOT_FOUND', 'there is no such workflow');
  switch (command.type) {
    case 'PublishVersion':
      return publish(command, state);
    case 'ActivateWorkflow':
      return activate(command.version, state);
    case 'DeactivateWorkflow':
      return deactivate(state);
    case 'ArchiveWorkflow':
      return [...deactivate(state), { type: 'WorkflowArchived', data: {} }];
    default:
      return assertNever(command);
  }
}

function create(
  { workspaceId, publication }: Extract<WorkflowCommand, { type: 'CreateWorkflow' }>,
  state: WorkflowState,
): readonly WorkflowEvent[] {
  if (state.status !== 'none') return [];
  return [{ type: 'WorkflowCreated', data: { workspaceId } }, versionPublished(1, publication, publication.endpoints)];
}

/** What is the latest version already does not become another one. */
function publish(
  { publication, expectedVersion }: Extract<WorkflowCommand, { type: 'PublishVersion' }>,
  state: PresentWorkflow,
): readonly WorkflowEvent[] {
  ensureLatestVersion(state.latestVersion, expectedVersion);
  if (publication.contentHash === state.contentHash) return [];
  const known = new Set(state.endpoints.map((endpoint) => endpoint.nodeId));
  const newEndpoints = publication.endpoints.filter((endpoint) => !known.has(endpoint.nodeId));
  return [versionPublished(state.latestVersion + 1, publication, newEndpoints)];
}

/** Throws `WORKFLOW_CHANGED` when whoever changes the workflow has seen another version last. */
export function ensureLatestVersion(latestVersion: number, expectedVersion: number): void {
  if (expectedVersion === latestVersion) return;
  throw new MillraceError(
    'stale',
    'WORKFLOW_CHANGED',
    `the workflow is at version ${latestVersion}, not ${expectedVersion}; read it again and repeat the change`,
  );
}

function versionPublished(
  version: number,
  { definition, contentHash, warnings }: Publication,
  newEndpoints: readonly Endpoint[],
): WorkflowEvent {
  const told = warnings.length > 0 ? { warnings } : {};
  return { type: 'WorkflowVersionPublished', data: { version, definition, newEndpoints, contentHash, ...told } };
}

function deactivate(state: PresentWorkflow): readonly WorkflowEvent[] {
  return state.activeVersion === undefined ? [] : [{ type: 'WorkflowDeactivated', data: {} }];
}

function activate(asked: number | undefined, state: PresentWorkflow): readonly WorkflowEvent[] {
  const version = asked ?? state.latestVersion;
  if (version < 1 || version > state.latestVersion) {
    throw new MillraceError(
      'notFound',
      'WORKFLOW_VERSION_NOT_FOUND',
      `the workflow has versions 1 to ${state.latestVersion}, there is no ${version}`,
    );
  }
  return version === state.activeVersion ? [] : [{ type: 'WorkflowActivated', data: { version } }];
}

function rotate(
  { webhookId, token, graceUntil }: Extract<WorkflowCommand, { type: 'RotateWebhook' }>,
  state: WorkflowState,
): readonly WorkflowEvent[] {
  const endpoints = state.status === 'present' ? state.endpoints : [];
  const endpoint = endpoints.find((one) => one.webhookId === webhookId);
  if (!endpoint) throw new MillraceError('notFound', 'WEBHOOK_NOT_FOUND', `there is no webhook ${webhookId}`);
  if (endpoint.token === token) return [];
  const grace = graceUntil === undefined ? {} : { graceUntil };
  return [{ type: 'WebhookRotated', data: { webhookId, token, ...grace } }];
}

function evolve(state: WorkflowState, event: WorkflowEvent, at: string): WorkflowState {
  if (event.type === 'WorkflowCreated') {
    const { workspaceId } = event.data;
    return { status: 'present', workspaceId, latestVersion: 0, endpoints: [], createdAt: at, updatedAt: at };
  }
  ensurePresent(state, event);
  switch (event.type) {
    case 'WorkflowVersionPublished': {
      const { version, newEndpoints, contentHash } = event.data;
      const endpoints = [...state.endpoints, ...newEndpoints];
      return { ...state, latestVersion: version, contentHash, endpoints, updatedAt: at };
    }
    case 'WorkflowActivated':
      return { ...state, activeVersion: event.data.version, updatedAt: at };
    case 'WorkflowDeactivated': {
      const { activeVersion: _, ...inactive } = state;
      return { ...inactive, updatedAt: at };
    }
    case 'WebhookRotated':
      return { ...state, endpoints: afterRotation(state.endpoints, event.data, at), updatedAt: at };
    case 'WorkflowArchived':
      return { status: 'archived' };
    default:
      return assertNever(event);
  }
}

function ensurePresent(state: WorkflowState, { type }: WorkflowEvent): asserts state is PresentWorkflow {
  if (state.status === 'none') throw new InvariantError(`${type} before WorkflowCreated`);
  if (state.status === 'archived') throw new InvariantError(`${type} after WorkflowArchived`);
}

export const workflowDecider: Decider<WorkflowState, WorkflowCommand, WorkflowEvent, undefined> = {
  decide,
  evolve,
  initialState: () => ({ status: 'none' }),
};
