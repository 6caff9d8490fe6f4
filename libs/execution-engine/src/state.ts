import type { JsonObject } from '#libs/kernel';
import type { Admission } from './admission.ts';
import type { Files, KeptLoop, Origin, Priority } from './events.ts';
import type { Fault } from './fault-shape.ts';
import type { BatchResults, ItemError, PostponeReason, WaitTarget } from './node-events.ts';
import { ownPayloadOf, type OwnPayload, type Payload } from './payload.ts';

/**
 * An execution between events. `queued` until its start task reached a worker and its gates let it pass, `running` while
 * somebody works on a node, `waiting` while all that is left waits for something, then one of the terminal statuses for ever.
 */
export type ExecutionStatus = 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'cancelled' | 'timedOut';

export type NodeState =
  /** `putBacks`, here and below: how often the attempt was put back so far; absent for never. */
  | { readonly status: 'scheduled'; readonly attempt: number; readonly putBacks?: number }
  /** Somebody began the attempt, and unless it is put back it must not be begun again. */
  | { readonly status: 'running'; readonly attempt: number; readonly by: string; readonly putBacks?: number }
  | { readonly status: 'retrying'; readonly attempt: number; readonly dueAt: string }
  | {
      readonly status: 'postponed';
      readonly attempt: number;
      readonly dueAt: string;
      readonly reason: PostponeReason;
      readonly putBacks?: number;
    }
  | {
      readonly status: 'waiting';
      readonly attempt: number;
      readonly on: WaitTarget;
      /** Since when. */
      readonly since: string;
      readonly putBacks?: number;
    }
  | { readonly status: 'looping'; readonly attempt: number; readonly loop: LoopState }
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

export interface LoopState {
  readonly items: OwnPayload;
  readonly count: number;
  readonly batchSize: number;
  readonly concurrency: number;
  readonly onItemError: 'fail' | 'continue';
  readonly executor: string;
  /** The next batch that nobody works on yet. */
  readonly next: number;
  /** Batches that are not over, by number. */
  readonly open: Readonly<Record<number, BatchState>>;
  readonly results: readonly BatchResults[];
  readonly errors: readonly ItemError[];
}

export type BatchState =
  /** `indexes`: of the items that are left; absent stands for all of the batch. */
  | {
      readonly status: 'scheduled';
      readonly attempt: number;
      readonly indexes?: readonly number[];
      readonly putBacks?: number;
    }
  | {
      readonly status: 'retrying';
      readonly attempt: number;
      readonly indexes: readonly number[];
      readonly dueAt: string;
      readonly postponed?: PostponeReason;
      readonly putBacks?: number;
    }
  | { readonly status: 'waiting'; readonly attempt: number; readonly executionId: string };

export interface StartedExecution {
  readonly status: ExecutionStatus;
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly workflowVersion: number;
  readonly trigger: { readonly type: string; readonly nodeId: string };
  readonly input: OwnPayload;
  readonly files?: Files;
  readonly priority: Priority;
  readonly createdAt: string;
  /** Workspace variables as they were at the start; absent when none are read. */
  readonly vars?: JsonObject;
  readonly origin?: Origin;
  readonly mode?: 'dry';
  readonly pins?: Readonly<Record<string, OwnPayload>>;
  readonly admission?: Admission;
  /** When the first decision after the start was taken; absent while queued. */
  readonly startedAt?: string;
  /** When it is timed out; absent without such a limit. */
  readonly timeoutAt?: string;
  readonly nodes: Readonly<Record<string, NodeState>>;
  /** By node id, loops that another execution began and that did not begin in this one yet. */
  readonly keptLoops?: Readonly<Record<string, KeptLoop>>;
  /** Signals that no node took yet, oldest first. */
  readonly signals?: readonly { readonly name: string; readonly payload: OwnPayload }[];
  /** Nodes that are neither settled nor cancelled; the execution is over when there is none and none can begin. */
  readonly active: number;
  /** Of these, nodes that are scheduled or running: somebody works on them, or will as soon as there is a hand free. */
  readonly moving: number;
  readonly error?: Fault & { readonly nodeId: string; readonly attempt: number };
  /** The nodes whose outputs are the execution's, once it succeeded. */
  readonly endNodes?: readonly string[];
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

const ACTIVE: Readonly<Record<NodeState['status'], boolean>> = {
  scheduled: true,
  running: true,
  retrying: true,
  postponed: true,
  waiting: true,
  looping: true,
  succeeded: false,
  failed: false,
  skipped: false,
  cancelled: false,
};

/** A node of which something is still to come. */
export type ActiveNode = Extract<
  NodeState,
  { readonly status: 'scheduled' | 'running' | 'retrying' | 'postponed' | 'waiting' | 'looping' }
>;

export function isActive(node: NodeState | undefined): node is ActiveNode {
  return node !== undefined && ACTIVE[node.status];
}

/** Whether somebody works on the node, or will without waiting for anything but a hand. */
export function isMoving(node: NodeState | undefined): boolean {
  return node?.status === 'scheduled' || node?.status === 'running';
}

/** Whether somebody works on a part of the loop. */
export function isLoopMoving(node: NodeState): boolean {
  return node.status === 'looping' && Object.values(node.loop.open).some(({ status }) => status === 'scheduled');
}

/** Whether somebody works on the execution. */
export function isAnybodyAtWork({ nodes, active, moving }: StartedExecution): boolean {
  return moving > 0 || (active > 0 && Object.values(nodes).some(isLoopMoving));
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
