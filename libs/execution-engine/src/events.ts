import type { JsonObject, JsonValue } from '#libs/kernel';
import type { DomainEvent } from '#libs/event-sourcing';
import type { OwnPayload, Payload } from './payload.ts';

export type Priority = 'high' | 'normal' | 'low';

/** Why a node or an execution failed, as callers see it. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly details?: JsonValue;
}

/** What the flow does after a node's last failure: the execution ends, or goes on by an output. */
export type FailureHandling = 'fail' | 'continue' | 'branch';

export type ExecutionStarted = DomainEvent<
  'ExecutionStarted',
  {
    readonly workspaceId: string;
    readonly workflowId: string;
    readonly workflowVersion: number;
    readonly trigger: { readonly type: string; readonly nodeId: string };
    readonly input: OwnPayload;
    readonly priority: Priority;
    /** The workspace variables that the execution sees for ever; absent stands for none, as in all older events. */
    readonly vars?: JsonObject;
  }
>;
/** An attempt was handed to the executor named. */
export type NodeScheduled = DomainEvent<
  'NodeScheduled',
  { readonly nodeId: string; readonly attempt: number; readonly executor: string }
>;
export type NodeSucceeded = DomainEvent<
  'NodeSucceeded',
  {
    readonly nodeId: string;
    readonly attempt: number;
    readonly output: Payload;
    /** The outputs by which the flow leaves the node. */
    readonly leavesBy: readonly string[];
  }
>;
/** An attempt failed and another one follows at `dueAt`. */
export type NodeRetryScheduled = DomainEvent<
  'NodeRetryScheduled',
  { readonly nodeId: string; readonly attempt: number; readonly error: Fault; readonly dueAt: string }
>;
/** The last attempt failed. */
export type NodeFailed = DomainEvent<
  'NodeFailed',
  { readonly nodeId: string; readonly attempt: number; readonly error: Fault; readonly handling: FailureHandling }
>;
/** No connection into the node was taken. */
export type NodeSkipped = DomainEvent<'NodeSkipped', { readonly nodeId: string }>;
/** The output is that of the end nodes: of the one, or an object by node id of several. */
export type ExecutionSucceeded = DomainEvent<'ExecutionSucceeded', { readonly endNodes: readonly string[] }>;
export type ExecutionFailed = DomainEvent<
  'ExecutionFailed',
  { readonly error: Fault & { readonly nodeId: string; readonly attempt: number } }
>;

export type ExecutionEvent =
  | ExecutionStarted
  | NodeScheduled
  | NodeSucceeded
  | NodeRetryScheduled
  | NodeFailed
  | NodeSkipped
  | ExecutionSucceeded
  | ExecutionFailed;

const TERMINAL: ReadonlySet<string> = new Set<ExecutionEvent['type']>(['ExecutionSucceeded', 'ExecutionFailed']);

/** Whether an execution is over with an event of this type. */
export function isTerminalEvent(type: string): boolean {
  return TERMINAL.has(type);
}
