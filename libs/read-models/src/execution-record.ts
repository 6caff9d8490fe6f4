import { assertNever, epochMsOf, InvariantError } from '#libs/kernel';
import {
  outputOfFailed,
  ownPayloadOf,
  type ExecutionEvent,
  type ExecutionStarted,
  type ExecutionStatus,
  type Fault,
  type NodeFailed,
  type OwnPayload,
  type Payload,
} from '#libs/execution-engine';

export type NodeRecordStatus =
  'scheduled' | 'running' | 'retrying' | 'waiting' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';

/** One node of an execution, as people look at it. */
export interface NodeRecord {
  readonly status: NodeRecordStatus;
  readonly attempts: number;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly output?: Payload;
  readonly error?: Fault;
  /** When the next attempt follows. */
  readonly retryAt?: string;
}

/** The read model of one execution: the fold of its events for people, as `state` is the fold for decisions. */
export interface ExecutionRecord {
  readonly id: string;
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly workflowVersion: number;
  readonly status: ExecutionStatus;
  readonly trigger: { readonly type: string; readonly nodeId: string };
  readonly input: OwnPayload;
  readonly nodes: Readonly<Record<string, NodeRecord>>;
  /** Nodes whose outputs are the execution's; known when it succeeded. */
  readonly endNodes?: readonly string[];
  readonly error?: Fault & { readonly nodeId: string; readonly attempt: number };
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** Of the last event that is in it. */
  readonly version: number;
}

export interface RecordedAt {
  readonly executionId: string;
  readonly version: number;
  readonly at: string;
}

/** The record after one more event. Serves the live read model, rebuilds and looks into the past alike. */
export function projectExecution(
  record: ExecutionRecord | undefined,
  event: ExecutionEvent,
  recorded: RecordedAt,
): ExecutionRecord {
  if (event.type === 'ExecutionStarted') return started(event, recorded);
  if (!record) throw new InvariantError(`${event.type} of ${recorded.executionId} before ExecutionStarted`);
  const { at, version } = recorded;
  const running = { ...record, startedAt: record.startedAt ?? at, version };
  return { ...running, ...changesBy(running, event, at) };
}

/** The node's output as it was recorded, `sameAs` followed; undefined while it has none. */
export function recordedOutputOf(record: ExecutionRecord, nodeId: string): OwnPayload | undefined {
  const { trigger, input } = record;
  const outputOf = (id: string): Payload | undefined => nodeOf(record, id)?.output;
  const output = outputOf(nodeId);
  return output && ownPayloadOf(output, { triggerNodeId: trigger.nodeId, input, outputOf });
}

export function durationMsOf({ startedAt, finishedAt }: ExecutionRecord): number | null {
  return startedAt && finishedAt ? epochMsOf(finishedAt) - epochMsOf(startedAt) : null;
}

function started({ data }: ExecutionStarted, { executionId, version, at }: RecordedAt): ExecutionRecord {
  const { workspaceId, workflowId, workflowVersion, trigger, input } = data;
  const fired: NodeRecord = {
    status: 'succeeded',
    attempts: 1,
    startedAt: at,
    finishedAt: at,
    output: { sameAs: trigger.nodeId },
  };
  return {
    id: executionId,
    workspaceId,
    workflowId,
    workflowVersion,
    status: 'queued',
    trigger,
    input,
    nodes: { [trigger.nodeId]: fired },
    createdAt: at,
    version,
  };
}

function changesBy(
  record: ExecutionRecord,
  event: Exclude<ExecutionEvent, ExecutionStarted>,
  at: string,
): Partial<ExecutionRecord> {
  switch (event.type) {
    case 'NodeScheduled':
    case 'NodeSucceeded':
    case 'NodeFailed':
    case 'NodeRetryScheduled':
    case 'NodeSkipped':
      return withNode(record, event.data.nodeId, nodeAfter(nodeOf(record, event.data.nodeId), event, at));
    case 'ExecutionSucceeded':
      return { status: 'succeeded', finishedAt: at, endNodes: event.data.endNodes };
    case 'ExecutionFailed':
      return { status: 'failed', finishedAt: at, error: event.data.error, nodes: cancelOpen(record, at) };
    default:
      return assertNever(event);
  }
}

type NodeEvent = Extract<ExecutionEvent, { data: { nodeId: string } }>;

function nodeAfter(node: NodeRecord | undefined, event: NodeEvent, at: string): NodeRecord {
  const startedAt = node?.startedAt ?? at;
  switch (event.type) {
    case 'NodeScheduled':
      return { status: 'scheduled', attempts: event.data.attempt, startedAt };
    case 'NodeSucceeded': {
      const { attempt, output } = event.data;
      return { status: 'succeeded', attempts: attempt, startedAt, finishedAt: at, output };
    }
    case 'NodeFailed':
      return failedNode(event, startedAt, at);
    case 'NodeRetryScheduled': {
      const { attempt, error, dueAt } = event.data;
      return { status: 'retrying', attempts: attempt, startedAt, error, retryAt: dueAt };
    }
    case 'NodeSkipped':
      return { status: 'skipped', attempts: 0 };
  }
}

/** A failure that the flow survives is what the node gives to the next ones. */
function failedNode({ data }: NodeFailed, startedAt: string, finishedAt: string): NodeRecord {
  const { attempt, error, handling } = data;
  const failed: NodeRecord = { status: 'failed', attempts: attempt, startedAt, finishedAt, error };
  return handling === 'fail' ? failed : { ...failed, output: outputOfFailed(error) };
}

function nodeOf(record: ExecutionRecord, nodeId: string): NodeRecord | undefined {
  return Object.hasOwn(record.nodes, nodeId) ? record.nodes[nodeId] : undefined;
}

function withNode(record: ExecutionRecord, nodeId: string, node: NodeRecord): Partial<ExecutionRecord> {
  const nodes = { ...record.nodes, [nodeId]: node };
  const all = Object.values(nodes);
  const moves = all.some((one) => one.status === 'scheduled');
  const waits = !moves && all.some((one) => one.status === 'retrying');
  return { nodes, status: waits ? 'waiting' : 'running' };
}

function cancelOpen(record: ExecutionRecord, at: string): Readonly<Record<string, NodeRecord>> {
  return Object.fromEntries(
    Object.entries(record.nodes).map(([id, node]): [string, NodeRecord] => [
      id,
      node.status === 'scheduled' || node.status === 'retrying' ? cancelled(node, at) : node,
    ]),
  );
}

/** Its last error stays; the next attempt does not come any more. */
function cancelled({ retryAt: _, ...node }: NodeRecord, at: string): NodeRecord {
  return { ...node, status: 'cancelled', finishedAt: at };
}
