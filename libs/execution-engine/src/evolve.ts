import { assertNever, InvariantError } from '#libs/kernel';
import type { ExecutionEvent, ExecutionStarted, FailureHandling, NodeFailed } from './events.ts';
import { outputOfFailed } from './fault.ts';
import { nodeStateOf, type ExecutionState, type NodeState, type StartedExecution } from './state.ts';

/** The outputs by which the flow leaves a node that failed for good. */
const LEAVES_BY: Readonly<Record<FailureHandling, readonly string[]>> = {
  fail: [],
  continue: ['main'],
  branch: ['error'],
};

export function initialState(): ExecutionState {
  return { status: 'none' };
}

/** The state after a fact that was recorded at `at`. */
export function evolve(state: ExecutionState, event: ExecutionEvent, at: string): ExecutionState {
  if (event.type === 'ExecutionStarted') return start(event, at);
  if (state.status === 'none') throw new InvariantError(`${event.type} before ExecutionStarted`);
  const started = state.startedAt === undefined ? { ...state, startedAt: at } : state;
  return evolveStarted(started, event);
}

function start({ data }: ExecutionStarted, at: string): StartedExecution {
  const { workspaceId, workflowId, workflowVersion, trigger, input, priority, vars } = data;
  const fired: NodeState = { status: 'succeeded', attempt: 1, output: { sameAs: trigger.nodeId }, leavesBy: ['main'] };
  return {
    status: 'queued',
    workspaceId,
    workflowId,
    workflowVersion,
    trigger,
    input,
    priority,
    createdAt: at,
    ...(vars === undefined ? {} : { vars }),
    nodes: { [trigger.nodeId]: fired },
    active: 0,
  };
}

function evolveStarted(state: StartedExecution, event: Exclude<ExecutionEvent, ExecutionStarted>): StartedExecution {
  switch (event.type) {
    case 'NodeScheduled':
      return withNode(state, event.data.nodeId, { status: 'scheduled', attempt: event.data.attempt });
    case 'NodeSucceeded': {
      const { nodeId, attempt, output, leavesBy } = event.data;
      return withNode(state, nodeId, { status: 'succeeded', attempt, output, leavesBy });
    }
    case 'NodeRetryScheduled': {
      const { nodeId, attempt, dueAt } = event.data;
      return withNode(state, nodeId, { status: 'retrying', attempt, dueAt });
    }
    case 'NodeFailed':
      return withNode(state, event.data.nodeId, failedNode(event));
    case 'NodeSkipped':
      return withNode(state, event.data.nodeId, { status: 'skipped' });
    case 'ExecutionSucceeded':
      return { ...state, status: 'succeeded' };
    case 'ExecutionFailed':
      return { ...cancelActive(state), status: 'failed', error: event.data.error };
    default:
      return assertNever(event);
  }
}

function failedNode({ data }: NodeFailed): NodeState {
  const { attempt, error, handling } = data;
  return { status: 'failed', attempt, output: outputOfFailed(error), leavesBy: LEAVES_BY[handling] };
}

function withNode(state: StartedExecution, nodeId: string, node: NodeState): StartedExecution {
  const active = state.active + activity(node) - activity(nodeStateOf(state, nodeId));
  const nodes = { ...state.nodes, [nodeId]: node };
  const isMoving = active === 0 || node.status === 'scheduled';
  return { ...state, nodes, active, status: isMoving ? 'running' : statusOf(nodes) };
}

function activity(node: NodeState | undefined): 0 | 1 {
  return node?.status === 'scheduled' || node?.status === 'retrying' ? 1 : 0;
}

/** Of an execution that something is still to come of: waiting when only time brings it. */
function statusOf(nodes: Readonly<Record<string, NodeState>>): 'running' | 'waiting' {
  return Object.values(nodes).some((node) => node.status === 'scheduled') ? 'running' : 'waiting';
}

function cancelActive(state: StartedExecution): StartedExecution {
  if (state.active === 0) return state;
  const nodes = Object.fromEntries(
    Object.entries(state.nodes).map(([id, node]): [string, NodeState] => [
      id,
      node.status === 'scheduled' || node.status === 'retrying' ? { status: 'cancelled', attempt: node.attempt } : node,
    ]),
  );
  return { ...state, nodes, active: 0 };
}
