import { epochMsOf, InvariantError, type JsonValue } from '#libs/kernel';
import { failNode, succeedAt } from './advance.ts';
import { failAttempt } from './attempts.ts';
import { passGate } from './begin.ts';
import type { CommandOf } from './commands.ts';
import type { Draft } from './draft.ts';
import type { ExecutionTimedOut } from './events.ts';
import type { PostponeReason, WaitTarget } from './node-events.ts';
import { executorNode, plannedNode } from './planned.ts';
import { putBacksOf, type PutBacks } from './put-backs.ts';
import { isActive, nodeStateOf, type NodeState, type StartedExecution } from './state.ts';
import { isEarly, purposeOf, wantedTimers, type TimerPurpose } from './timers.ts';

/** A timer that history no longer wants (its node went on, or is at another attempt) does nothing. */
export function fireTimer({ timerId }: CommandOf<'FireTimer'>, draft: Draft): void {
  const purpose = purposeOf(timerId);
  const wanted = wantedTimers(draft.state).find(({ id }) => id === timerId);
  if (!purpose || !wanted) return;
  if (isEarly(wanted, draft.context.at)) draft.record({ type: 'TimerRearmed', data: { timerId } });
  else fire(purpose, timerId, draft);
}

/** What waits for a credential goes on before its timer fires; that timer is then not wanted any more. */
export function resumeParked({ credentialId }: CommandOf<'ResumeParked'>, draft: Draft): void {
  const isFor = (reason: PostponeReason | undefined): boolean =>
    reason?.kind === 'credential' && reason.key === credentialId;
  for (const [nodeId, node] of Object.entries(draft.state.nodes)) {
    if (node.status === 'postponed' && isFor(node.reason)) scheduleAgain(nodeId, node, draft);
    if (node.status !== 'looping') continue;
    for (const [batch, open] of Object.entries(node.loop.open))
      if (open.status === 'retrying' && isFor(open.postponed))
        scheduleBatchAgain({ nodeId, batch: Number(batch) }, draft);
  }
}

function fire(purpose: TimerPurpose, timerId: string, draft: Draft): void {
  switch (purpose.kind) {
    case 'retry':
      return scheduleAgain(purpose.nodeId, { attempt: purpose.attempt + 1 }, draft);
    case 'again':
      return scheduleAgain(purpose.nodeId, attemptAt(draft.state, purpose.nodeId), draft);
    case 'wait':
      return endWait(purpose.nodeId, timerId, draft);
    case 'batch':
      return scheduleBatchAgain(purpose, draft);
    case 'gate':
      return passGate(purpose, draft);
    case 'timeout':
      return draft.record(
        { type: 'TimerFired', data: { timerId } },
        { type: 'ExecutionTimedOut', data: { error: timeoutFault(draft) } },
      );
  }
}

function timeoutFault({ state: { nodes, trigger }, context: { plan } }: Draft): ExecutionTimedOut['data']['error'] {
  const message = `the execution was not over within the ${plan.settings.timeoutMs ?? 0} ms that its workflow allows`;
  const [nodeId, node] = Object.entries(nodes).find(([, one]) => isActive(one)) ?? [trigger.nodeId];
  return { code: 'EXECUTION_TIMEOUT', message, nodeId, attempt: isActive(node) ? node.attempt : 1 };
}

function scheduleAgain(nodeId: string, of: { readonly attempt: number } & PutBacks, draft: Draft): void {
  const { executor } = executorNode(draft.context, nodeId);
  draft.record({ type: 'NodeScheduled', data: { nodeId, attempt: of.attempt, executor, ...putBacksOf(of) } });
}

function attemptAt(state: StartedExecution, nodeId: string): { readonly attempt: number } & PutBacks {
  const node = nodeStateOf(state, nodeId);
  if (!node || !('attempt' in node)) throw new InvariantError(`${nodeId} has no attempt`);
  return node;
}

/** Items whose destination took none have used up no attempt. */
function scheduleBatchAgain(
  { nodeId, batch }: { readonly nodeId: string; readonly batch: number },
  draft: Draft,
): void {
  const node = nodeStateOf(draft.state, nodeId);
  const open = node?.status === 'looping' ? node.loop.open[batch] : undefined;
  if (node?.status !== 'looping' || open?.status !== 'retrying') return;
  const next = open.postponed ? { attempt: open.attempt, ...putBacksOf(open) } : { attempt: open.attempt + 1 };
  draft.record({ type: 'NodeBatchScheduled', data: { nodeId, batch, ...next, executor: node.loop.executor } });
}

function endWait(nodeId: string, timerId: string, draft: Draft): void {
  const node = nodeStateOf(draft.state, nodeId);
  if (node?.status !== 'waiting') return;
  const { on, attempt } = node;
  draft.record({ type: 'TimerFired', data: { timerId } });
  if (on.kind === 'execution') {
    const message = `the execution ${on.executionId} was not over in time`;
    failAttempt({ nodeId, attempt, failure: { code: 'NODE_TIMEOUT', message, retryable: true } }, draft);
    return;
  }
  const planned = plannedNode(draft.context, nodeId);
  if (on.kind === 'signal' && on.onTimeout === 'fail') {
    const error = { code: 'SIGNAL_TIMEOUT', message: `no signal "${on.name}" came in time` };
    failNode(draft, planned, { attempt, error });
  } else {
    succeedAt(draft, planned, { attempt, output: { value: outputOfWait(on, node, draft.context.at) } });
  }
}

function outputOfWait(on: WaitTarget, { since }: Extract<NodeState, { status: 'waiting' }>, at: string): JsonValue {
  return on.kind === 'signal' ? { timedOut: true } : { waitedMs: epochMsOf(at) - epochMsOf(since) };
}
