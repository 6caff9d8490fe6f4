import { epochMsOf, toInstant } from '#libs/kernel';
import type { PlannedNode } from '#libs/workflow-definition';
import { advance, seedsOf } from './advance.ts';
import type { CommandOf } from './commands.ts';
import type { Draft } from './draft.ts';
import { faultOf } from './fault.ts';
import { nodeStateOf } from './state.ts';

/** The start task reached a worker: the execution goes to its first gate, or begins. */
export function beginExecution(_: CommandOf<'BeginExecution'>, draft: Draft): void {
  const { status, admission, trigger } = draft.state;
  if (status !== 'queued' || admission) return;
  const gatesFor = draft.context.plan.gatesOf(trigger.nodeId);
  if (!gatesFor) {
    begin(draft);
    return;
  }
  try {
    draft.record({ type: 'AdmissionRequested', data: { gates: gatesFor(draft.scope) } });
  } catch (error) {
    const fault = { ...faultOf(error), nodeId: trigger.nodeId, attempt: 1 };
    draft.record({ type: 'ExecutionFailed', data: { error: fault } });
  }
}

export function passGate({ gate }: { readonly gate: number }, draft: Draft): void {
  const { admission, status } = draft.state;
  if (!admission || status !== 'queued' || gate !== admission.passed || gate >= admission.gates.length) return;
  draft.record({ type: 'AdmissionGranted', data: { gate } });
  if (gate + 1 === admission.gates.length) begin(draft);
}

export function holdAtGate({ gate, until }: CommandOf<'HoldAtGate'>, draft: Draft): void {
  const { admission, status } = draft.state;
  if (!admission || status !== 'queued' || gate !== admission.passed) return;
  if (admission.held && admission.held.until === until) return;
  draft.record({ type: 'AdmissionHeld', data: { gate, ...(until === undefined ? {} : { until }) } });
}

function begin(draft: Draft): void {
  const { plan, at } = draft.context;
  const { timeoutMs } = plan.settings;
  if (timeoutMs !== undefined)
    draft.record({ type: 'ExecutionBegan', data: { timeoutAt: toInstant(epochMsOf(at) + timeoutMs) } });
  advance(draft, seedsFor(draft));
}

/** With results of another execution in place, any node behind another may be next. */
function seedsFor({ state, context: { plan } }: Draft): readonly string[] {
  if (Object.keys(state.nodes).length <= 1) return seedsOf(plan);
  const isOpen = ({ id, incoming }: PlannedNode): boolean => incoming.length > 0 && !nodeStateOf(state, id);
  return [...plan.nodes.values()].filter(isOpen).map(({ id }) => id);
}
