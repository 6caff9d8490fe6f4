import type { Plan } from '#libs/workflow-definition';
import type { ExecutionEvent } from './events.ts';
import { isAnybodyAtWork, isTerminal, type ExecutionState, type NodeState, type StartedExecution } from './state.ts';
import { waitTimerId } from './timers.ts';
import type { Transition } from './transition.ts';

/** What has to be done beyond the execution itself because of one of its commits. All of it may be done twice. */
export type FollowUpStep =
  /** Its workers are told to stop what they do for it. */
  | { readonly kind: 'stop' }
  /** The gate is asked to let it pass. */
  | { readonly kind: 'admit'; readonly gate: number }
  /** It gives back what the gate gave it. */
  | { readonly kind: 'leave'; readonly gate: number }
  /** The execution that started it waits for it from now on; if it wants that no more, this one is cancelled. */
  | { readonly kind: 'joinParent' }
  /** The execution that waits for it is told how it ended. */
  | { readonly kind: 'tellParent' }
  | { readonly kind: 'cancelChildren'; readonly children: readonly string[] }
  | { readonly kind: 'startErrorWorkflow'; readonly workflowId: string }
  /** The task that it failed at is set aside. */
  | { readonly kind: 'setAside' }
  /** The dead letter that it goes on from is told so. */
  | { readonly kind: 'tellDeadLetter'; readonly deadLetterId: string };

export function followUpsOf(transition: Transition): readonly FollowUpStep[] {
  const { before, after, events } = transition;
  if (after.status === 'none') return [];
  const children = childrenLeftBehind(before, after, events);
  return [
    ...events.flatMap(stepsOf),
    ...stepsToTheDoor(before, after),
    ...(children.length > 0 ? [{ kind: 'cancelChildren', children } as const] : []),
    ...(isTerminal(after) ? stepsAtTheEnd(before, after, transition) : []),
  ];
}

function stepsOf(event: ExecutionEvent): readonly FollowUpStep[] {
  if (event.type !== 'ExecutionStarted') return [];
  const { origin } = event.data;
  if (origin?.kind === 'child' && origin.waits) return [{ kind: 'joinParent' }];
  const deadLetterId = origin && 'deadLetterId' in origin ? origin.deadLetterId : undefined;
  return deadLetterId === undefined ? [] : [{ kind: 'tellDeadLetter', deadLetterId }];
}

function stepsToTheDoor(before: ExecutionState, after: StartedExecution): readonly FollowUpStep[] {
  const { admission } = after;
  if (!admission || isTerminal(after)) return [];
  const passedBefore = before.status === 'none' ? undefined : before.admission?.passed;
  const next = admission.passed;
  return next === passedBefore || next >= admission.gates.length ? [] : [{ kind: 'admit', gate: next }];
}

function stepsAtTheEnd(before: ExecutionState, after: StartedExecution, { plan }: Transition): readonly FollowUpStep[] {
  const { status, origin, mode } = after;
  const steps: FollowUpStep[] = gatesEntered(after).map((gate) => ({ kind: 'leave', gate }));
  if (status !== 'succeeded' && before.status !== 'none' && isAnybodyAtWork(before)) steps.push({ kind: 'stop' });
  if (origin?.kind === 'child' && origin.waits) steps.push({ kind: 'tellParent' });
  if (mode !== 'dry') steps.push(...stepsAfterFailure(after, plan));
  return steps;
}

/** The failure of an error workflow calls for no other one. */
function stepsAfterFailure({ status, origin }: StartedExecution, plan: Plan | undefined): readonly FollowUpStep[] {
  if (status !== 'failed' && status !== 'timedOut') return [];
  const workflowId = origin?.kind === 'errorWorkflow' ? undefined : plan?.settings.errorWorkflow;
  return [
    ...(workflowId === undefined ? [] : [{ kind: 'startErrorWorkflow', workflowId } as const]),
    ...(status === 'failed' ? [{ kind: 'setAside' } as const] : []),
  ];
}

/** Gates that may have given it something to give back. */
function gatesEntered({ admission }: StartedExecution): readonly number[] {
  if (!admission) return [];
  return admission.gates.flatMap(({ kind }, gate) =>
    kind === 'concurrency' && gate <= admission.passed ? [gate] : [],
  );
}

/** Executions that were waited for, and are no longer, though they are not over. */
function childrenLeftBehind(
  before: ExecutionState,
  after: StartedExecution,
  events: readonly ExecutionEvent[],
): readonly string[] {
  const waitedFor = new Set([...childrenOf(before).keys(), ...events.flatMap(childAwaitedIn)]);
  if (waitedFor.size === 0) return [];
  const still = childrenOf(after);
  const over = new Set(events.flatMap((event) => childOverIn(event, events, before)));
  return [...waitedFor].filter((child) => !still.has(child) && !over.has(child));
}

/** Whether the execution waits for the end of that one. */
export function waitsFor(state: ExecutionState, executionId: string): boolean {
  return childrenOf(state).has(executionId);
}

function childrenOf(state: ExecutionState): ReadonlyMap<string, { nodeId: string; batch?: number }> {
  const children = new Map<string, { nodeId: string; batch?: number }>();
  // Who is only worked on waits for nobody.
  if (state.status === 'none' || state.active === state.moving) return children;
  for (const [nodeId, node] of Object.entries(state.nodes)) {
    const own = childOf(node);
    if (own !== undefined) children.set(own, { nodeId });
    if (node.status !== 'looping') continue;
    for (const [batch, open] of Object.entries(node.loop.open))
      if (open.status === 'waiting') children.set(open.executionId, { nodeId, batch: Number(batch) });
  }
  return children;
}

function childOf(node: NodeState): string | undefined {
  return node.status === 'waiting' && node.on.kind === 'execution' ? node.on.executionId : undefined;
}

function childAwaitedIn(event: ExecutionEvent): readonly string[] {
  if (event.type === 'NodeBatchWaiting') return [event.data.executionId];
  return event.type === 'NodeWaiting' && event.data.on.kind === 'execution' ? [event.data.on.executionId] : [];
}

/** The child whose end the event tells of: a node that settles by its time-out leaves its child behind instead. */
function childOverIn(
  event: ExecutionEvent,
  events: readonly ExecutionEvent[],
  before: ExecutionState,
): readonly string[] {
  const isOf = (nodeId: string, batch?: number): readonly string[] =>
    [...childrenOf(before)].filter(([, one]) => one.nodeId === nodeId && one.batch === batch).map(([child]) => child);
  if (event.type === 'NodeBatchEnded') return isOf(event.data.nodeId, event.data.batch);
  if (event.type !== 'NodeSucceeded' && event.type !== 'NodeFailed' && event.type !== 'NodeRetryScheduled') return [];
  const timer = waitTimerId(event.data.nodeId, event.data.attempt);
  const isTimedOut = events.some((one) => one.type === 'TimerFired' && one.data.timerId === timer);
  return isTimedOut ? [] : isOf(event.data.nodeId);
}
