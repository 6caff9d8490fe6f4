import type { TaskMessage } from '#libs/event-sourcing';
import type { Plan } from '#libs/workflow-definition';
import { executorNode } from './planned.ts';
import { putBacksOf } from './put-backs.ts';
import { attemptTask, batchTask, FOLLOW_UP_EXECUTOR, startTask } from './effects.ts';
import { isTerminal, type ExecutionState, type LoopState, type NodeState, type StartedExecution } from './state.ts';
import { wantedTimers } from './timers.ts';

/** Something outside of the history that has to exist, or nothing will ever happen to what waits for it. */
export type WaitReason =
  /** In its queue, in somebody's hands, or in a commit that was not handed out yet. */
  | { readonly kind: 'task'; readonly task: TaskMessage }
  /** Armed for this instant or, when that is far, for one before it; or it has fired and is on its way. */
  | { readonly kind: 'timer'; readonly id: string; readonly dueAt: string }
  /** Somebody may send it; nothing has to exist. */
  | { readonly kind: 'signal'; readonly nodeId: string; readonly name: string }
  /** Not over, or its end is on its way. */
  | { readonly kind: 'child'; readonly nodeId: string; readonly batch?: number; readonly executionId: string }
  /** The execution has a place there, in line or beyond it. */
  | { readonly kind: 'gate'; readonly gate: number; readonly key: string }
  | { readonly kind: 'person'; readonly nodeId: string; readonly attempt: number };

/**
 * Why an execution that is not over does not move, complete: each of the reasons has to be alive. None are left of one that
 * is over; an execution that is not over and has none, or a dead one, is stuck.
 */
export function reasonsToWait(executionId: string, state: ExecutionState, plan: Plan): readonly WaitReason[] {
  if (state.status === 'none' || isTerminal(state)) return [];
  const timers = wantedTimers(state).map(({ id, dueAt }): WaitReason => ({ kind: 'timer', id, dueAt }));
  if (state.status === 'queued') return [...reasonsAtTheDoor(executionId, state), ...timers];
  const reasons = Object.entries(state.nodes).flatMap(([nodeId, node]) =>
    reasonsOf({ executionId, nodeId }, node, plan),
  );
  return [...reasons, ...timers];
}

function reasonsAtTheDoor(executionId: string, { admission, ...state }: StartedExecution): readonly WaitReason[] {
  if (!admission) return [{ kind: 'task', task: startTask(executionId, state) }];
  const { passed: gate, gates, held } = admission;
  if (held) return held.until === undefined ? [{ kind: 'gate', gate, key: gates[gate]?.key ?? '' }] : [];
  const payload = { executionId, kind: 'admit', gate };
  return [{ kind: 'task', task: { queue: `run.${FOLLOW_UP_EXECUTOR}`, payload } }];
}

interface Place {
  readonly executionId: string;
  readonly nodeId: string;
}

/** But for timers. */
function reasonsOf({ executionId, nodeId }: Place, node: NodeState, plan: Plan): readonly WaitReason[] {
  switch (node.status) {
    case 'scheduled':
    case 'running': {
      const { attempt } = node;
      const { executor } = executorNode({ plan }, nodeId);
      return [{ kind: 'task', task: attemptTask(executionId, { nodeId, attempt, executor, ...putBacksOf(node) }) }];
    }
    case 'waiting':
      return reasonsOfWait(nodeId, node);
    case 'looping':
      return reasonsOfLoop({ executionId, nodeId }, node.loop);
    default:
      return [];
  }
}

function reasonsOfWait(
  nodeId: string,
  { on, attempt }: Extract<NodeState, { readonly status: 'waiting' }>,
): readonly WaitReason[] {
  switch (on.kind) {
    case 'timer':
      return [];
    case 'signal':
      return [{ kind: 'signal', nodeId, name: on.name }];
    case 'execution':
      return [{ kind: 'child', nodeId, executionId: on.executionId }];
    case 'person':
      return [{ kind: 'person', nodeId, attempt }];
  }
}

function reasonsOfLoop({ executionId, nodeId }: Place, { open, executor }: LoopState): readonly WaitReason[] {
  return Object.entries(open).flatMap(([number, state]): readonly WaitReason[] => {
    const batch = Number(number);
    switch (state.status) {
      case 'scheduled':
        return [{ kind: 'task', task: batchTask(executionId, { nodeId, batch, executor, ...state }) }];
      case 'waiting':
        return [{ kind: 'child', nodeId, batch, executionId: state.executionId }];
      case 'retrying':
        return [];
    }
  });
}
