import { assertNever, InvariantError } from '#libs/kernel';
import { outputOfFailed } from './fault.ts';
import type { OwnNodes } from './own-nodes.ts';
import { oneMore, putBacksOf } from './put-backs.ts';
import type {
  FailureHandling,
  LoopRest,
  NodeBatchEnded,
  NodeEvent,
  NodeFailed,
  NodeLoopStarted,
} from './node-events.ts';
import {
  isActive,
  isAnybodyAtWork,
  isMoving,
  nodeStateOf,
  type BatchState,
  type LoopState,
  type NodeState,
  type StartedExecution,
} from './state.ts';

/** The outputs by which the flow leaves a node that failed for good. */
const LEAVES_BY: Readonly<Record<FailureHandling, readonly string[]>> = {
  fail: [],
  continue: ['main'],
  branch: ['error'],
};

/** The state after a fact about one of its nodes. */
export function evolveNode(
  state: StartedExecution,
  event: NodeEvent,
  { at, own }: { readonly at: string; readonly own: OwnNodes<NodeState> },
): StartedExecution {
  const after = withNode(state, event.data.nodeId, { node: nodeAfter(state, event, at), own });
  return event.type === 'NodeLoopStarted' && after.keptLoops ? withoutKeptLoop(after, event.data.nodeId) : after;
}

// One case a fact, each of them one line: a table would only hide that.
// eslint-disable-next-line complexity -- see above
function nodeAfter(state: StartedExecution, event: NodeEvent, at: string): NodeState {
  switch (event.type) {
    case 'NodeScheduled':
      return { status: 'scheduled', attempt: event.data.attempt, ...putBacksOf(event.data) };
    case 'NodeStarted': {
      const { attempt, by } = event.data;
      return { status: 'running', attempt, by, ...putBacksOf(nodeStateOf(state, event.data.nodeId)) };
    }
    case 'NodeSucceeded': {
      const { attempt, output, leavesBy } = event.data;
      return { status: 'succeeded', attempt, output, leavesBy };
    }
    case 'NodeRetryScheduled':
      return { status: 'retrying', attempt: event.data.attempt, dueAt: event.data.dueAt };
    case 'NodePostponed': {
      const { attempt, dueAt, reason } = event.data;
      return { status: 'postponed', attempt, dueAt, reason, ...oneMore(nodeStateOf(state, event.data.nodeId)) };
    }
    case 'NodeWaiting': {
      const { attempt, on } = event.data;
      return { status: 'waiting', attempt, on, since: at, ...putBacksOf(nodeStateOf(state, event.data.nodeId)) };
    }
    case 'NodeFailed':
      return failedNode(event);
    case 'NodeSkipped':
      return { status: 'skipped' };
    case 'NodeLoopStarted':
      return { status: 'looping', attempt: event.data.attempt, loop: startedLoop(event) };
    case 'NodeBatchEnded':
      return withLoop(state, event, (loop) => afterBatch(loop, event));
    case 'NodeBatchScheduled':
      return withLoop(state, event, (loop) =>
        withBatch(loop, event.data.batch, {
          status: 'scheduled',
          ...left(loop, event.data),
          ...putBacksOf(event.data),
        }),
      );
    case 'NodeBatchWaiting': {
      const { batch, attempt, executionId } = event.data;
      return withLoop(state, event, (loop) => withBatch(loop, batch, { status: 'waiting', attempt, executionId }));
    }
    default:
      return assertNever(event);
  }
}

function failedNode({ data }: NodeFailed): NodeState {
  const { attempt, error, handling } = data;
  return { status: 'failed', attempt, output: outputOfFailed(error), leavesBy: LEAVES_BY[handling] };
}

function withNode(
  state: StartedExecution,
  nodeId: string,
  { node, own }: { node: NodeState; own: OwnNodes<NodeState> },
): StartedExecution {
  const before = nodeStateOf(state, nodeId);
  const active = state.active + Number(isActive(node)) - Number(isActive(before));
  const moving = state.moving + Number(isMoving(node)) - Number(isMoving(before));
  const nodes = own.with(state.nodes, nodeId, node);
  const isGoing = active === 0 || isAnybodyAtWork({ ...state, nodes, active, moving });
  return { ...state, nodes, active, moving, status: isGoing ? 'running' : 'waiting' };
}

function startedLoop({ data }: NodeLoopStarted): LoopState {
  const { items, count, batchSize, concurrency, onItemError, executor, resumes } = data;
  const loop = { items, count, batchSize, concurrency, onItemError, executor };
  if (resumes) return { ...loop, ...resumes, open: openedAgain(resumes) };
  const batches = Math.ceil(count / batchSize);
  const next = Math.min(batches, concurrency);
  const open = Object.fromEntries(
    Array.from({ length: next }, (_, batch): [number, BatchState] => [batch, { status: 'scheduled', attempt: 1 }]),
  );
  return { ...loop, next, open, results: [], errors: [] };
}

function openedAgain({ open }: LoopRest): LoopState['open'] {
  return Object.fromEntries(
    open.map(({ batch, ...left }): [number, BatchState] => [batch, { status: 'scheduled', attempt: 1, ...left }]),
  );
}

function withoutKeptLoop({ keptLoops, ...state }: StartedExecution, nodeId: string): StartedExecution {
  const { [nodeId]: _, ...others } = keptLoops ?? {};
  return Object.keys(others).length > 0 ? { ...state, keptLoops: others } : state;
}

function afterBatch(loop: LoopState, { data }: NodeBatchEnded): LoopState {
  const { batch, attempt, results, errors, again, opens } = data;
  const told = { ...loop, results: [...loop.results, results], errors: [...loop.errors, ...errors] };
  if (again) {
    const putBacks = again.postponed ? oneMore(loop.open[batch]) : {};
    return withBatch(told, batch, { status: 'retrying', attempt, ...again, ...putBacks });
  }
  const { [batch]: _, ...open } = told.open;
  const over = { ...told, open };
  if (opens === undefined) return over;
  return { ...withBatch(over, opens, { status: 'scheduled', attempt: 1 }), next: opens + 1 };
}

function left(
  loop: LoopState,
  { batch, attempt }: { batch: number; attempt: number },
): Pick<BatchState, 'attempt'> & { indexes?: readonly number[] } {
  const before = loop.open[batch];
  return before?.status === 'retrying' ? { attempt, indexes: before.indexes } : { attempt };
}

function withBatch(loop: LoopState, batch: number, state: BatchState): LoopState {
  return { ...loop, open: { ...loop.open, [batch]: state } };
}

function withLoop(
  state: StartedExecution,
  { data, type }: NodeEvent,
  change: (loop: LoopState) => LoopState,
): NodeState {
  const node = nodeStateOf(state, data.nodeId);
  if (node?.status !== 'looping') throw new InvariantError(`${type} of ${data.nodeId}, which does not loop`);
  return { ...node, loop: change(node.loop) };
}
