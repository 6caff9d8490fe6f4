import { epochMsOf, InvariantError } from '#libs/kernel';
import {
  beginsExecution,
  isNodeEvent,
  OwnNodes,
  ownPayloadOf,
  type Admission,
  type ExecutionEvent,
  type ExecutionStarted,
  type ExecutionStatus,
  type Fault,
  type KeptResult,
  type NodeEvent,
  type Origin,
  type OwnPayload,
  type Payload,
} from '#libs/execution-engine';
import type { StoredCommit } from '#libs/event-sourcing';
import { cancelledNode, isOpen, moves, nodeAfter, type NodeRecord, type OpenBatch } from './node-record.ts';

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
  /** Why the engine cancelled it; absent when somebody asked for that. */
  readonly cancelReason?: Fault;
  readonly origin?: Origin;
  readonly mode?: 'dry';
  /** Where it stands before it begins. */
  readonly admission?: Admission;
  readonly timeoutAt?: string;
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** Of the last event that is in it. */
  readonly version: number;
  /** Of the history up to `version`; of rows alone, see projectDigested. */
  readonly digest?: string;
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
  return withStatus(afterEvent(record, event, recorded, ownOfFold()));
}

/** The record after a commit, or after those of its events that are no newer than `upTo`; the same one when it was applied before. */
export function projectCommit(
  record: ExecutionRecord | undefined,
  commit: StoredCommit<ExecutionEvent>,
  upTo = Infinity,
): ExecutionRecord | undefined {
  const after = afterCommit(record, commit, { upTo, own: ownOfFold() });
  return after && after !== record ? withStatus(after) : record;
}

/** The fold of a history of which no record but the last is kept: what nobody else has is changed in place. */
export class ExecutionFold {
  #record: ExecutionRecord | undefined;
  readonly #own = ownOfFold();

  /** As `projectCommit` does. A record that was given out before may not be used any more. */
  add(commit: StoredCommit<ExecutionEvent>, upTo = Infinity): void {
    this.#record = afterCommit(this.#record, commit, { upTo, own: this.#own });
  }

  /** Of the newest event that is in it; 0 before the first. */
  get version(): number {
    return this.#record?.version ?? 0;
  }

  get record(): ExecutionRecord | undefined {
    return this.#record && withStatus(this.#record);
  }
}

/** What one fold may change in place. */
interface OwnOfFold {
  readonly nodes: OwnNodes<NodeRecord>;
  readonly batches: OwnNodes<OpenBatch>;
}

function ownOfFold(): OwnOfFold {
  return { nodes: new OwnNodes(), batches: new OwnNodes() };
}

function afterCommit(
  record: ExecutionRecord | undefined,
  { aggregateId: executionId, firstVersion, at, events }: StoredCommit<ExecutionEvent>,
  { upTo, own }: { readonly upTo: number; readonly own: OwnOfFold },
): ExecutionRecord | undefined {
  return events.reduce((before, event, index) => {
    const version = firstVersion + index;
    if (version > upTo || (before && before.version >= version)) return before;
    return afterEvent(before, event, { executionId, version, at }, own);
  }, record);
}

/** All of the record but whether it runs or waits, which takes a look at all nodes. */
function afterEvent(
  record: ExecutionRecord | undefined,
  event: ExecutionEvent,
  recorded: RecordedAt,
  own: OwnOfFold,
): ExecutionRecord {
  if (event.type === 'ExecutionStarted') return started(event, recorded);
  if (!record) throw new InvariantError(`${event.type} of ${recorded.executionId} before ExecutionStarted`);
  const { at, version } = recorded;
  const startedAt = record.startedAt ?? (beginsExecution(event.type) ? at : undefined);
  const before = { ...record, ...(startedAt === undefined ? {} : { startedAt }), version };
  if (isNodeEvent(event)) {
    const { nodeId } = event.data;
    const node = nodeAfter(nodeOf(before, nodeId), event, { at, own: own.batches });
    return { ...before, nodes: own.nodes.with(before.nodes, nodeId, node) };
  }
  const change = CHANGES[event.type] as Changes;
  return { ...before, ...change(before, event, at) };
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
  const { workspaceId, workflowId, workflowVersion, trigger, input, origin, mode } = data;
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
    ...(origin ? { origin } : {}),
    ...(mode ? { mode } : {}),
    createdAt: at,
    version,
  };
}

type OtherEvent = Exclude<ExecutionEvent, ExecutionStarted | NodeEvent>;
type Changes<Type extends OtherEvent['type'] = OtherEvent['type']> = (
  record: ExecutionRecord,
  event: Extract<OtherEvent, { readonly type: Type }>,
  at: string,
) => Partial<ExecutionRecord>;

const nothing = (): Partial<ExecutionRecord> => ({});

const CHANGES: { readonly [Type in OtherEvent['type']]: Changes<Type> } = {
  ResultsKept: (record, { data }, at) => ({ nodes: { ...keptNodes(data.nodes, at), ...record.nodes } }),
  AdmissionRequested: (_, { data }) => ({ admission: { gates: data.gates, passed: 0 } }),
  AdmissionHeld: ({ admission }, { data: { until } }) =>
    admission ? { admission: { ...admission, held: until === undefined ? {} : { until } } } : {},
  AdmissionGranted: ({ admission }, { data }) =>
    admission ? { admission: { gates: admission.gates, passed: data.gate + 1 } } : {},
  ExecutionBegan: (_, { data }) => ({ timeoutAt: data.timeoutAt }),
  SignalReceived: nothing,
  SignalDelivered: nothing,
  TimerFired: nothing,
  TimerRearmed: nothing,
  ResponseDrifted: nothing,
  ExecutionSucceeded: (_, { data }, at) => ({ status: 'succeeded', finishedAt: at, endNodes: data.endNodes }),
  ExecutionFailed: (record, { data }, at) => ({
    status: 'failed',
    finishedAt: at,
    error: data.error,
    nodes: cancelOpen(record, at),
  }),
  ExecutionCancelRequested: nothing,
  ExecutionCancelled: (record, { data: { reason } }, at) => ({
    status: 'cancelled',
    finishedAt: at,
    nodes: cancelOpen(record, at),
    ...(reason ? { cancelReason: reason } : {}),
  }),
  ExecutionTimedOut: (record, { data }, at) => ({
    status: 'timedOut',
    finishedAt: at,
    error: data.error,
    nodes: cancelOpen(record, at),
  }),
};

function keptNodes(kept: Readonly<Record<string, KeptResult>>, at: string): Readonly<Record<string, NodeRecord>> {
  return Object.fromEntries(
    Object.entries(kept).map(([nodeId, result]): [string, NodeRecord] => {
      if (result.status === 'skipped') return [nodeId, { status: 'skipped', attempts: 0 }];
      const { status, attempt, output } = result;
      return [nodeId, { status, attempts: attempt, startedAt: at, finishedAt: at, output }];
    }),
  );
}

function nodeOf(record: ExecutionRecord, nodeId: string): NodeRecord | undefined {
  return Object.hasOwn(record.nodes, nodeId) ? record.nodes[nodeId] : undefined;
}

function withStatus(record: ExecutionRecord): ExecutionRecord {
  if (record.startedAt === undefined || record.finishedAt !== undefined) return record;
  return { ...record, status: statusAmid(record.nodes) };
}

function statusAmid(nodes: ExecutionRecord['nodes']): ExecutionStatus {
  let waits = false;
  for (const nodeId in nodes) {
    const node = nodes[nodeId];
    if (node && moves(node)) return 'running';
    if (node && isOpen(node)) waits = true;
  }
  return waits ? 'waiting' : 'running';
}

function cancelOpen(record: ExecutionRecord, at: string): Readonly<Record<string, NodeRecord>> {
  return Object.fromEntries(
    Object.entries(record.nodes).map(([id, node]): [string, NodeRecord] => [
      id,
      isOpen(node) ? cancelledNode(node, at) : node,
    ]),
  );
}
