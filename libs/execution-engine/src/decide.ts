import { assertNever, epochMsOf, InvariantError, toInstant } from '#libs/kernel';
import type { PlannedExecutorNode } from '#libs/workflow-definition';
import { advance, failureEvents, seedsOf, successorsOf } from './advance.ts';
import { backoffMs, MAX_BACKOFF_MS, shouldRetry } from './backoff.ts';
import type { AttemptFailure, ExecutionCommand, StartExecution } from './commands.ts';
import type { DecisionContext } from './decision-context.ts';
import type { ExecutionEvent, ExecutionStarted } from './events.ts';
import { faultIn } from './fault.ts';
import { isTerminal, nodeStateOf, type ExecutionState, type NodeState, type StartedExecution } from './state.ts';
import { nodeOfTimer } from './timers.ts';

/**
 * The facts that follow from a command. Late or repeated reports (of an attempt that is not the current one, of an
 * execution that is over) follow nothing.
 */
export function decide(
  command: ExecutionCommand,
  state: ExecutionState,
  context: DecisionContext,
): readonly ExecutionEvent[] {
  if (command.type === 'StartExecution') return state.status === 'none' ? [startExecution(command)] : [];
  if (state.status === 'none')
    throw new InvariantError(`${command.type} for ${context.executionId}, which never started`);
  return isTerminal(state) ? [] : decideStarted(command, state, context);
}

function decideStarted(
  command: Exclude<ExecutionCommand, StartExecution>,
  state: StartedExecution,
  context: DecisionContext,
): readonly ExecutionEvent[] {
  switch (command.type) {
    case 'BeginExecution':
      return state.status === 'queued' ? advance(state, [], seedsOf(context.plan), context) : [];
    case 'RecordSuccess':
      return recordSuccess(command, state, context);
    case 'RecordFailure':
      return recordFailure(command, state, context);
    case 'FireTimer':
      return fireTimer(command.timerId, state, context);
    default:
      return assertNever(command);
  }
}

/** The one event that makes an execution exist; needs neither a history nor a plan, so the door can record it alone. */
export function startExecution({ type: _, ...data }: StartExecution): ExecutionStarted {
  return { type: 'ExecutionStarted', data };
}

function recordSuccess(
  { nodeId, attempt, output }: Extract<ExecutionCommand, { type: 'RecordSuccess' }>,
  state: StartedExecution,
  context: DecisionContext,
): readonly ExecutionEvent[] {
  if (!isCurrent(nodeStateOf(state, nodeId), attempt)) return [];
  const node = executorNode(context, nodeId);
  const data = { nodeId, attempt, output: { value: output }, leavesBy: ['main'] };
  return advance(state, [{ type: 'NodeSucceeded', data }], successorsOf(node), context);
}

function recordFailure(
  { nodeId, attempt, failure }: Extract<ExecutionCommand, { type: 'RecordFailure' }>,
  state: StartedExecution,
  context: DecisionContext,
): readonly ExecutionEvent[] {
  if (!isCurrent(nodeStateOf(state, nodeId), attempt)) return [];
  const node = executorNode(context, nodeId);
  const error = faultIn(failure);
  if (!shouldRetry(node.retry, attempt, failure)) {
    return advance(state, failureEvents(node, { attempt, error }), successorsOf(node), context);
  }
  const dueAt = toInstant(epochMsOf(context.at) + delayMs(node, { attempt, failure }, context));
  return [{ type: 'NodeRetryScheduled', data: { nodeId, attempt, error, dueAt } }];
}

function delayMs(
  node: PlannedExecutorNode,
  { attempt, failure }: { attempt: number; failure: AttemptFailure },
  { executionId }: DecisionContext,
): number {
  const own = backoffMs(node.retry, attempt, `${executionId}/${node.id}/${attempt}`);
  return Math.min(Math.max(own, failure.retryAfterMs ?? 0), MAX_BACKOFF_MS);
}

/** A timer that history no longer wants (its node went on, or is at another attempt) does nothing. */
function fireTimer(timerId: string, state: StartedExecution, context: DecisionContext): readonly ExecutionEvent[] {
  const timer = nodeOfTimer(timerId);
  const node = timer && nodeStateOf(state, timer.nodeId);
  if (!timer || node?.status !== 'retrying' || node.attempt !== timer.attempt) return [];
  const { executor } = executorNode(context, timer.nodeId);
  return [{ type: 'NodeScheduled', data: { nodeId: timer.nodeId, attempt: timer.attempt + 1, executor } }];
}

function isCurrent(node: NodeState | undefined, attempt: number): boolean {
  return node?.status === 'scheduled' && node.attempt === attempt;
}

function executorNode({ plan }: DecisionContext, nodeId: string): PlannedExecutorNode {
  const node = plan.nodes.get(nodeId);
  if (node?.runs !== 'executor') throw new InvariantError(`${nodeId} of ${plan.workflowId} is not run by an executor`);
  return node;
}
