import { epochMsOf, toInstant } from '#libs/kernel';
import { failNode, succeedAt } from './advance.ts';
import { delayMs, shouldRetry } from './backoff.ts';
import type { AttemptFailure, CommandOf } from './commands.ts';
import type { Draft } from './draft.ts';
import { responseDrifted } from './drift.ts';
import { faultIn } from './fault.ts';
import type { Fault } from './fault-shape.ts';
import { isPutBack, putBack, type LimitedFailure } from './limited.ts';
import { recordBatchChildEnd, awaitInBatch } from './loop.ts';
import { executorNode } from './planned.ts';
import { isSameMaking, putBacksOf } from './put-backs.ts';
import { nodeStateOf, type NodeState } from './state.ts';

/** Recorded only where a second beginning must be known from the first. */
export function beginAttempt({ nodeId, attempt, by }: CommandOf<'BeginAttempt'>, draft: Draft): void {
  const node = nodeStateOf(draft.state, nodeId);
  if (node?.status !== 'scheduled' || node.attempt !== attempt) return;
  draft.record({ type: 'NodeStarted', data: { nodeId, attempt, by } });
}

export function recordSuccess({ nodeId, attempt, output, drift }: CommandOf<'RecordSuccess'>, draft: Draft): void {
  if (!isUnderWay(nodeStateOf(draft.state, nodeId), attempt)) return;
  draft.record(...responseDrifted({ nodeId, attempt }, drift));
  succeedAt(draft, executorNode(draft.context, nodeId), { attempt, output: { value: output } });
}

export function recordFailure({ nodeId, attempt, failure, ...making }: CommandOf<'RecordFailure'>, draft: Draft): void {
  const node = nodeStateOf(draft.state, nodeId);
  if (!node || !isUnderWay(node, attempt)) return;
  const { retry, onInterrupted } = executorNode(draft.context, nodeId);
  if (isPutBack(retry, failure)) {
    if (isSameMaking(putBacksOf(node), making)) putAttemptBack({ nodeId, attempt, failure }, draft);
    return;
  }
  const asks = failure.inDoubt && onInterrupted !== 'fail';
  if (!asks) failAttempt({ nodeId, attempt, failure }, draft);
  // Who waits already was interrupted, and heard of late by whoever was thought to be gone.
  else if (node.status !== 'waiting')
    draft.record({ type: 'NodeWaiting', data: { nodeId, attempt, on: { kind: 'person', error: faultIn(failure) } } });
}

function putAttemptBack(
  { nodeId, attempt, failure }: { nodeId: string; attempt: number; failure: LimitedFailure },
  draft: Draft,
): void {
  const { executionId, at } = draft.context;
  const again = putBack(failure, { at, seed: `${executionId}/${nodeId}/${attempt}` });
  draft.record({ type: 'NodePostponed', data: { nodeId, attempt, ...again, error: faultIn(failure) } });
}

/** Another attempt follows, or the node has failed. */
export function failAttempt(
  { nodeId, attempt, failure }: { nodeId: string; attempt: number; failure: AttemptFailure },
  draft: Draft,
): void {
  const { executionId, at } = draft.context;
  const node = executorNode(draft.context, nodeId);
  const error = faultIn(failure);
  if (!shouldRetry(node.retry, attempt, failure)) {
    failNode(draft, node, { attempt, error });
    return;
  }
  const seed = `${executionId}/${nodeId}/${attempt}`;
  const dueAt = toInstant(epochMsOf(at) + delayMs(node.retry, { attempt, failure }, seed));
  draft.record({ type: 'NodeRetryScheduled', data: { nodeId, attempt, error, dueAt } });
}

/** What has begun for good is not put back before it has a result: its attempt is past the question. */
export function postponeAttempt({ nodeId, attempt, dueAt, reason }: CommandOf<'PostponeAttempt'>, draft: Draft): void {
  const node = nodeStateOf(draft.state, nodeId);
  if (node?.status !== 'scheduled' || node.attempt !== attempt) return;
  draft.record({ type: 'NodePostponed', data: { nodeId, attempt, dueAt, reason } });
}

export function recordInterruption({ nodeId, attempt }: CommandOf<'RecordInterruption'>, draft: Draft): void {
  const node = nodeStateOf(draft.state, nodeId);
  if (node?.status !== 'running' || node.attempt !== attempt) return;
  if (executorNode(draft.context, nodeId).onInterrupted === 'ask') {
    draft.record({ type: 'NodeWaiting', data: { nodeId, attempt, on: { kind: 'person' } } });
    return;
  }
  failAttempt({ nodeId, attempt, failure: INTERRUPTED }, draft);
}

const INTERRUPTED: AttemptFailure = {
  code: 'INTERRUPTED',
  message: 'the worker that made the attempt is gone, and nobody knows what came of it',
  retryable: false,
};

/** What a person is asked about the attempt, if one is. */
function doubtOf(node: NodeState | undefined, attempt: number): { readonly error?: Fault } | undefined {
  if (node?.status !== 'waiting' || node.on.kind !== 'person' || node.attempt !== attempt) return undefined;
  return node.on;
}

export function settleAttempt({ nodeId, attempt, verdict }: CommandOf<'SettleAttempt'>, draft: Draft): void {
  const doubt = doubtOf(nodeStateOf(draft.state, nodeId), attempt);
  if (!doubt) return;
  const planned = executorNode(draft.context, nodeId);
  switch (verdict.kind) {
    case 'succeeded':
      return succeedAt(draft, planned, { attempt, output: { value: verdict.output } });
    case 'retry': {
      const { executor } = planned;
      return draft.record({ type: 'NodeScheduled', data: { nodeId, attempt: attempt + 1, executor } });
    }
    case 'failed': {
      const { code } = doubt.error ?? INTERRUPTED;
      return failNode(draft, planned, { attempt, error: { code, message: verdict.message } });
    }
  }
}

export function awaitExecution(
  { nodeId, attempt, batch, executionId }: CommandOf<'AwaitExecution'>,
  draft: Draft,
): void {
  if (batch !== undefined) {
    awaitInBatch({ nodeId, attempt, batch, executionId }, draft);
    return;
  }
  if (!isUnderWay(nodeStateOf(draft.state, nodeId), attempt)) return;
  const { waitTimeoutMs } = executorNode(draft.context, nodeId);
  const dueAt = waitTimeoutMs === undefined ? {} : { dueAt: toInstant(epochMsOf(draft.context.at) + waitTimeoutMs) };
  draft.record({ type: 'NodeWaiting', data: { nodeId, attempt, on: { kind: 'execution', executionId, ...dueAt } } });
}

/** A child may be over before its parent has recorded that it waits; its id tells that it is the attempt's own. */
export function recordChildEnd(
  { nodeId, attempt, batch, executionId, end }: CommandOf<'RecordChildEnd'>,
  draft: Draft,
): void {
  if (batch !== undefined) {
    recordBatchChildEnd({ nodeId, attempt, batch, end }, draft);
    return;
  }
  const node = nodeStateOf(draft.state, nodeId);
  const waits = node?.status === 'waiting' && node.on.kind === 'execution' && node.on.executionId === executionId;
  if (!waits && !isUnderWay(node, attempt)) return;
  if (end.kind === 'failed') failAttempt({ nodeId, attempt, failure: { ...end.error, retryable: false } }, draft);
  else succeedAt(draft, executorNode(draft.context, nodeId), { attempt, output: { value: end.output } });
}

/** Whether a report of the attempt is awaited, be it by a person who would otherwise have to guess. */
function isUnderWay(node: NodeState | undefined, attempt: number): boolean {
  if (node === undefined || !('attempt' in node) || node.attempt !== attempt) return false;
  if (node.status === 'waiting') return node.on.kind === 'person';
  return node.status === 'scheduled' || node.status === 'running';
}
