import { epochMsOf, InvariantError, type JsonValue } from '#libs/kernel';
import { advance, failureEvents, successorsOf } from './advance.ts';
import { executorNode, failAttempt } from './attempts.ts';
import { passGate } from './begin.ts';
import type { CommandOf } from './commands.ts';
import type { DecisionContext } from './decision-context.ts';
import type { ExecutionEvent, ExecutionTimedOut } from './events.ts';
import type { WaitTarget } from './node-events.ts';
import { isActive, nodeStateOf, type NodeState, type StartedExecution } from './state.ts';
import { isEarly, purposeOf, wantedTimers, type TimerPurpose } from './timers.ts';

type Events = readonly ExecutionEvent[];

/** A timer that history no longer wants (its node went on, or is at another attempt) does nothing. */
export function fireTimer(
  { timerId }: CommandOf<'FireTimer'>,
  state: StartedExecution,
  context: DecisionContext,
): Events {
  const purpose = purposeOf(timerId);
  const wanted = wantedTimers(state).find(({ id }) => id === timerId);
  if (!purpose || !wanted) return [];
  if (isEarly(wanted, context.at)) return [{ type: 'TimerRearmed', data: { timerId } }];
  return fire(purpose, timerId, { state, context });
}

interface Due {
  readonly state: StartedExecution;
  readonly context: DecisionContext;
}

function fire(purpose: TimerPurpose, timerId: string, { state, context }: Due): Events {
  switch (purpose.kind) {
    case 'retry':
      return scheduleAgain(purpose.nodeId, purpose.attempt + 1, context);
    case 'again':
      return scheduleAgain(purpose.nodeId, attemptOf(state, purpose.nodeId), context);
    case 'wait':
      return endWait(purpose.nodeId, timerId, { state, context });
    case 'batch':
      return scheduleBatchAgain(purpose, { state, context });
    case 'gate':
      return passGate(purpose, state, context);
    case 'timeout':
      return [
        { type: 'TimerFired', data: { timerId } },
        { type: 'ExecutionTimedOut', data: { error: timeoutFault(state, context) } },
      ];
  }
}

function timeoutFault(
  { nodes, trigger }: StartedExecution,
  { plan }: DecisionContext,
): ExecutionTimedOut['data']['error'] {
  const message = `the execution was not over within the ${plan.settings.timeoutMs ?? 0} ms that its workflow allows`;
  const [nodeId, node] = Object.entries(nodes).find(([, one]) => isActive(one)) ?? [trigger.nodeId];
  return { code: 'EXECUTION_TIMEOUT', message, nodeId, attempt: isActive(node) ? node.attempt : 1 };
}

function scheduleAgain(nodeId: string, attempt: number, context: DecisionContext): Events {
  return [{ type: 'NodeScheduled', data: { nodeId, attempt, executor: executorNode(context, nodeId).executor } }];
}

function attemptOf(state: StartedExecution, nodeId: string): number {
  const node = nodeStateOf(state, nodeId);
  if (!node || !('attempt' in node)) throw new InvariantError(`${nodeId} has no attempt`);
  return node.attempt;
}

/** Items whose destination took none have used up no attempt. */
function scheduleBatchAgain({ nodeId, batch }: Extract<TimerPurpose, { kind: 'batch' }>, { state }: Due): Events {
  const node = nodeStateOf(state, nodeId);
  const open = node?.status === 'looping' ? node.loop.open[batch] : undefined;
  if (node?.status !== 'looping' || open?.status !== 'retrying') return [];
  const attempt = open.postponed ? open.attempt : open.attempt + 1;
  return [{ type: 'NodeBatchScheduled', data: { nodeId, batch, attempt, executor: node.loop.executor } }];
}

function endWait(nodeId: string, timerId: string, { state, context }: Due): Events {
  const node = nodeStateOf(state, nodeId);
  if (node?.status !== 'waiting') return [];
  const fired: ExecutionEvent = { type: 'TimerFired', data: { timerId } };
  const { on, attempt } = node;
  if (on.kind === 'execution') {
    const message = `the execution ${on.executionId} was not over in time`;
    const failure = { code: 'NODE_TIMEOUT', message, retryable: true };
    return failAttempt({ nodeId, attempt, failure, first: [fired] }, state, context);
  }
  const planned = context.plan.nodes.get(nodeId);
  if (!planned) throw new InvariantError(`${nodeId} is not in its plan`);
  if (on.kind === 'signal' && on.onTimeout === 'fail') {
    const error = { code: 'SIGNAL_TIMEOUT', message: `no signal "${on.name}" came in time` };
    return advance(state, [fired, ...failureEvents(planned, { attempt, error })], successorsOf(planned), context);
  }
  const output = { value: outputOfWait(on, node, context.at) };
  const succeeded: ExecutionEvent = { type: 'NodeSucceeded', data: { nodeId, attempt, output, leavesBy: ['main'] } };
  return advance(state, [fired, succeeded], successorsOf(planned), context);
}

function outputOfWait(on: WaitTarget, { since }: Extract<NodeState, { status: 'waiting' }>, at: string): JsonValue {
  return on.kind === 'signal' ? { timedOut: true } : { waitedMs: epochMsOf(at) - epochMsOf(since) };
}
