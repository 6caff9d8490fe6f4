import type { JsonObject } from '#libs/kernel';
import type { Fault, Priority } from './events.ts';
import { ownPayloadOf, type OwnPayload, type Payload } from './payload.ts';

/**
 * An execution between events. `queued` until its start task reached a worker, `running` while a node is scheduled,
 * `waiting` while all that is left is a retry's time, then one of the terminal statuses for ever.
 */
export type ExecutionStatus = 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled' | 'timedOut';

export type NodeState =
  | { readonly status: 'scheduled'; readonly attempt: number }
  | { readonly status: 'retrying'; readonly attempt: number; readonly dueAt: string }
  | {
      readonly status: 'succeeded';
      readonly attempt: number;
      readonly output: Payload;
      readonly leavesBy: readonly string[];
    }
  /** Failed for good. `leavesBy` is empty unless the node's `onError` lets the flow go on. */
  | {
      readonly status: 'failed';
      readonly attempt: number;
      readonly output: Payload;
      readonly leavesBy: readonly string[];
    }
  | { readonly status: 'skipped' }
  | { readonly status: 'cancelled'; readonly attempt: number };

export interface StartedExecution {
  readonly status: ExecutionStatus;
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly workflowVersion: number;
  readonly trigger: { readonly type: string; readonly nodeId: string };
  readonly input: OwnPayload;
  readonly priority: Priority;
  readonly createdAt: string;
  /** Workspace variables as they were at the start; absent when none are read. */
  readonly vars?: JsonObject;
  /** When the first decision after the start was taken; absent while queued. */
  readonly startedAt?: string;
  readonly nodes: Readonly<Record<string, NodeState>>;
  /** Nodes that are scheduled or retrying; the execution is over when none is and none can begin. */
  readonly active: number;
  readonly error?: Fault & { readonly nodeId: string; readonly attempt: number };
}

export type ExecutionState = { readonly status: 'none' } | StartedExecution;

const TERMINAL: Readonly<Record<ExecutionState['status'], boolean>> = {
  none: false,
  queued: false,
  running: false,
  waiting: false,
  succeeded: true,
  failed: true,
  cancelled: true,
  timedOut: true,
};

/** Whether the execution is over, and nothing follows from any command. */
export function isTerminal({ status }: ExecutionState): boolean {
  return TERMINAL[status];
}

/** The node's state; own properties only, since node ids may be names such as `constructor`. */
export function nodeStateOf(state: StartedExecution, nodeId: string): NodeState | undefined {
  return Object.hasOwn(state.nodes, nodeId) ? state.nodes[nodeId] : undefined;
}

/** The node's output as it was recorded, `sameAs` followed; undefined while it has none. */
export function outputOf(state: StartedExecution, nodeId: string): OwnPayload | undefined {
  const recorded = (id: string): Payload | undefined => {
    const node = nodeStateOf(state, id);
    return node && 'output' in node ? node.output : undefined;
  };
  const output = recorded(nodeId);
  const { trigger, input } = state;
  return output && ownPayloadOf(output, { triggerNodeId: trigger.nodeId, input, outputOf: recorded });
}
