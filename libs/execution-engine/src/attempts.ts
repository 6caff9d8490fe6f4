import { epochMsOf, InvariantError, toInstant } from '#libs/kernel';
import type { PlannedExecutorNode } from '#libs/workflow-definition';
import { advance, failureEvents, successorsOf } from './advance.ts';
import { delayMs, shouldRetry } from './backoff.ts';
import type { AttemptFailure, CommandOf } from './commands.ts';
import type { DecisionContext } from './decision-context.ts';
import type { ExecutionEvent } from './events.ts';
import { faultIn } from './fault.ts';
import { recordBatchChildEnd, awaitInBatch } from './loop.ts';
import { nodeStateOf, type NodeState, type StartedExecution } from './state.ts';

type Events = readonly ExecutionEvent[];

/** Recorded only where a second beginning must be known from the first. */
export function beginAttempt({ nodeId, attempt, by }: CommandOf<'BeginAttempt'>, state: StartedExecution): Events {
  const node = nodeStateOf(state, nodeId);
  if (node?.status !== 'scheduled' || node.attempt !== attempt) return [];
  return [{ type: 'NodeStarted', data: { nodeId, attempt, by } }];
}

export function recordSuccess(
  { nodeId, attempt, output }: CommandOf<'RecordSuccess'>,
  state: StartedExecution,
  context: DecisionContext,
): Events {
  if (!isUnderWay(nodeStateOf(state, nodeId), attempt)) return [];
  const node = executorNode(context, nodeId);
  const data = { nodeId, attempt, output: { value: output }, leavesBy: ['main'] };
  return advance(state, [{ type: 'NodeSucceeded', data }], successorsOf(node), context);
}

export function recordFailure(
  { nodeId, attempt, failure }: CommandOf<'RecordFailure'>,
  state: StartedExecution,
  context: DecisionContext,
): Events {
  if (!isUnderWay(nodeStateOf(state, nodeId), attempt)) return [];
  return failAttempt({ nodeId, attempt, failure, first: [] }, state, context);
}

/** Another attempt follows, or the node has failed; after `first`. */
export function failAttempt(
  failed: {
    readonly nodeId: string;
    readonly attempt: number;
    readonly failure: AttemptFailure;
    readonly first: Events;
  },
  state: StartedExecution,
  context: DecisionContext,
): Events {
  const { nodeId, attempt, failure, first } = failed;
  const node = executorNode(context, nodeId);
  const error = faultIn(failure);
  if (!shouldRetry(node.retry, attempt, failure)) {
    return advance(state, [...first, ...failureEvents(node, { attempt, error })], successorsOf(node), context);
  }
  const seed = `${context.executionId}/${nodeId}/${attempt}`;
  const dueAt = toInstant(epochMsOf(context.at) + delayMs(node.retry, { attempt, failure }, seed));
  return [...first, { type: 'NodeRetryScheduled', data: { nodeId, attempt, error, dueAt } }];
}

/** A node that began for good is not put back: its attempt is past the question. */
export function postponeAttempt(
  { nodeId, attempt, dueAt, reason }: CommandOf<'PostponeAttempt'>,
  state: StartedExecution,
): Events {
  const node = nodeStateOf(state, nodeId);
  if (node?.status !== 'scheduled' || node.attempt !== attempt) return [];
  return [{ type: 'NodePostponed', data: { nodeId, attempt, dueAt, reason } }];
}

export function recordInterruption(
  { nodeId, attempt }: CommandOf<'RecordInterruption'>,
  state: StartedExecution,
  context: DecisionContext,
): Events {
  const node = nodeStateOf(state, nodeId);
  if (node?.status !== 'running' || node.attempt !== attempt) return [];
  if (executorNode(context, nodeId).onInterrupted === 'ask')
    return [{ type: 'NodeWaiting', data: { nodeId, attempt, on: { kind: 'person' } } }];
  const message = 'the worker that made the attempt is gone, and nobody knows what came of it';
  return failAttempt(
    { nodeId, attempt, failure: { code: 'INTERRUPTED', message, retryable: false }, first: [] },
    state,
    context,
  );
}

export function settleAttempt(
  { nodeId, attempt, verdict }: CommandOf<'SettleAttempt'>,
  state: StartedExecution,
  context: DecisionContext,
): Events {
  const node = nodeStateOf(state, nodeId);
  if (node?.status !== 'waiting' || node.on.kind !== 'person' || node.attempt !== attempt) return [];
  switch (verdict.kind) {
    case 'succeeded':
      return recordSuccess({ type: 'RecordSuccess', nodeId, attempt, output: verdict.output }, state, context);
    case 'retry': {
      const { executor } = executorNode(context, nodeId);
      return [{ type: 'NodeScheduled', data: { nodeId, attempt: attempt + 1, executor } }];
    }
    case 'failed': {
      const planned = executorNode(context, nodeId);
      const error = { code: 'INTERRUPTED', message: verdict.message };
      return advance(state, failureEvents(planned, { attempt, error }), successorsOf(planned), context);
    }
  }
}

export function awaitExecution(
  { nodeId, attempt, batch, executionId }: CommandOf<'AwaitExecution'>,
  state: StartedExecution,
  context: DecisionContext,
): Events {
  if (batch !== undefined) return awaitInBatch({ nodeId, attempt, batch, executionId }, state);
  if (!isUnderWay(nodeStateOf(state, nodeId), attempt)) return [];
  const { waitTimeoutMs } = executorNode(context, nodeId);
  const dueAt = waitTimeoutMs === undefined ? {} : { dueAt: toInstant(epochMsOf(context.at) + waitTimeoutMs) };
  return [{ type: 'NodeWaiting', data: { nodeId, attempt, on: { kind: 'execution', executionId, ...dueAt } } }];
}

/** A child may be over before its parent has recorded that it waits; its id tells that it is the attempt's own. */
export function recordChildEnd(
  { nodeId, attempt, batch, executionId, end }: CommandOf<'RecordChildEnd'>,
  state: StartedExecution,
  context: DecisionContext,
): Events {
  if (batch !== undefined) return recordBatchChildEnd({ nodeId, attempt, batch, end }, state, context);
  const node = nodeStateOf(state, nodeId);
  const waits = node?.status === 'waiting' && node.on.kind === 'execution' && node.on.executionId === executionId;
  if (!waits && !isUnderWay(node, attempt)) return [];
  if (end.kind === 'failed') {
    const failure = { ...end.error, retryable: false };
    return failAttempt({ nodeId, attempt, failure, first: [] }, state, context);
  }
  const data = { nodeId, attempt, output: { value: end.output }, leavesBy: ['main'] };
  return advance(state, [{ type: 'NodeSucceeded', data }], successorsOf(executorNode(context, nodeId)), context);
}

/** Whether a report of the attempt is awaited, be it by a person who would otherwise have to guess. */
function isUnderWay(node: NodeState | undefined, attempt: number): boolean {
  if (node === undefined || !('attempt' in node) || node.attempt !== attempt) return false;
  if (node.status === 'waiting') return node.on.kind === 'person';
  return node.status === 'scheduled' || node.status === 'running';
}

export function executorNode({ plan }: Pick<DecisionContext, 'plan'>, nodeId: string): PlannedExecutorNode {
  const node = plan.nodes.get(nodeId);
  if (node?.runs !== 'executor') throw new InvariantError(`${nodeId} of ${plan.workflowId} is not run by an executor`);
  return node;
}
