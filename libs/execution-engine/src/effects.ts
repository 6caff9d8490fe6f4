import type { TaskMessage, TimerMessage } from '#libs/event-sourcing';
import { isTerminalEvent, type ExecutionEvent } from './events.ts';
import type { ExecutionState } from './state.ts';
import { armedTimers, nodeOfTimer, retryTimerId } from './timers.ts';

/** Start tasks of a lane are spread over this many shards by workspace, so that one workspace can't block the rest. */
export const START_SHARDS = 16;

/**
 * The work that follows from events; none when they end the execution. Derived from them alone, so it can be derived
 * again from any history.
 */
export function tasksOf(executionId: string, events: readonly ExecutionEvent[]): readonly TaskMessage[] {
  return events.some((event) => isTerminalEvent(event.type))
    ? []
    : events.flatMap((event) => taskOf(executionId, event) ?? []);
}

function taskOf(executionId: string, event: ExecutionEvent): TaskMessage | undefined {
  if (event.type === 'ExecutionStarted') {
    const { priority, workspaceId } = event.data;
    return { queue: `start.${priority}.${shardsOf(workspaceId).join('.')}`, payload: { executionId } };
  }
  if (event.type === 'NodeScheduled') {
    const { nodeId, attempt, executor } = event.data;
    return { queue: `run.${executor}`, payload: { executionId, nodeId, attempt } };
  }
  return undefined;
}

/** Timers to arm for the events, and to drop because the state after them no longer wants them. */
export function timersOf(
  before: ExecutionState,
  events: readonly ExecutionEvent[],
  after: ExecutionState,
): readonly TimerMessage[] {
  const wanted = new Set(armedTimers(after));
  const armed = events.flatMap((event): TimerMessage[] => {
    if (event.type !== 'NodeRetryScheduled') return [];
    const { nodeId, attempt, dueAt } = event.data;
    const id = retryTimerId(nodeId, attempt);
    // Commands that share a commit may end with it what an earlier one of them wanted.
    return wanted.has(id) ? [{ kind: 'arm', id, dueAt }] : [];
  });
  // A timer whose node was scheduled again has fired: there is nothing left to drop.
  const gone = new Set(events.flatMap((event) => (event.type === 'NodeScheduled' ? [event.data.nodeId] : [])));
  const dropped = armedTimers(before).filter((id) => !wanted.has(id) && !gone.has(nodeOfTimer(id)?.nodeId ?? ''));
  return [...armed, ...dropped.map((id): TimerMessage => ({ kind: 'drop', id }))];
}

/**
 * The two shards of a workspace, never the same one twice. A start waits in one of them; so who shares one with a large
 * workspace has the other, and only one pair of workspaces in 120 shares both.
 */
export function shardsOf(workspaceId: string): readonly [number, number] {
  const hash = hashOf(workspaceId);
  const first = hash % START_SHARDS;
  const step = 1 + (Math.floor(hash / START_SHARDS) % (START_SHARDS - 1));
  return [first, (first + step) % START_SHARDS];
}

/** FNV-1a, its high bits folded into the low ones. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
