import { epochMsOf, toInstant } from '#libs/kernel';
import { advance, seedsOf } from './advance.ts';
import type { CommandOf } from './commands.ts';
import type { DecisionContext } from './decision-context.ts';
import type { ExecutionEvent } from './events.ts';
import { faultOf } from './fault.ts';
import { scopeOf } from './scope.ts';
import { nodeStateOf, type StartedExecution } from './state.ts';

/** The start task reached a worker: the execution goes to its first gate, or begins. */
export function beginExecution(
  _: CommandOf<'BeginExecution'>,
  state: StartedExecution,
  context: DecisionContext,
): readonly ExecutionEvent[] {
  if (state.status !== 'queued' || state.admission) return [];
  const gatesFor = context.plan.gatesOf(state.trigger.nodeId);
  if (!gatesFor) return begin(state, [], context);
  try {
    const gates = gatesFor(scopeOf(context.executionId, state, context));
    return [{ type: 'AdmissionRequested', data: { gates } }];
  } catch (error) {
    const { nodeId } = state.trigger;
    return [{ type: 'ExecutionFailed', data: { error: { ...faultOf(error), nodeId, attempt: 1 } } }];
  }
}

export function passGate(
  { gate }: { readonly gate: number },
  state: StartedExecution,
  context: DecisionContext,
): readonly ExecutionEvent[] {
  const { admission } = state;
  if (!admission || state.status !== 'queued' || gate !== admission.passed || gate >= admission.gates.length) return [];
  const granted: ExecutionEvent = { type: 'AdmissionGranted', data: { gate } };
  return gate + 1 < admission.gates.length ? [granted] : begin(state, [granted], context);
}

export function holdAtGate(
  { gate, until }: CommandOf<'HoldAtGate'>,
  { admission, status }: StartedExecution,
): readonly ExecutionEvent[] {
  if (!admission || status !== 'queued' || gate !== admission.passed) return [];
  if (admission.held && admission.held.until === until) return [];
  return [{ type: 'AdmissionHeld', data: { gate, ...(until === undefined ? {} : { until }) } }];
}

function begin(
  state: StartedExecution,
  first: readonly ExecutionEvent[],
  context: DecisionContext,
): readonly ExecutionEvent[] {
  const { timeoutMs } = context.plan.settings;
  if (timeoutMs === undefined) return advance(state, first, seedsFor(state, context), context);
  const timeoutAt = toInstant(epochMsOf(context.at) + timeoutMs);
  return advance(state, [...first, { type: 'ExecutionBegan', data: { timeoutAt } }], seedsFor(state, context), context);
}

/** With results of another execution in place, any node may be next. */
function seedsFor(state: StartedExecution, { plan }: DecisionContext): readonly string[] {
  if (Object.keys(state.nodes).length <= 1) return seedsOf(plan);
  return [...plan.nodes.keys()].filter((nodeId) => !nodeStateOf(state, nodeId));
}
