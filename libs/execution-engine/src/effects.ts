import type { TaskMessage, TimerMessage } from '#libs/event-sourcing';
import { isTerminalEvent, type ExecutionEvent } from './events.ts';
import type { ExecutionState } from './state.ts';
import { armedTimers, nodeOfTimer, retryTimerId } from './timers.ts';

/** Start tasks of a lane are spread over this many shards by workspace, so that one workspace can't block the rest. */
export const START_SHARDS = 8;

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
    return { queue: `start.${priority}.${shardOf(workspaceId)}`, payload: { executionId } };
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

export function shardOf(workspaceId: string): number {
  let hash = 0;
  for (let index = 0; index < workspaceId.length; index++)
    hash = (Math.imul(hash, 31) + workspaceId.charCodeAt(index)) | 0;
  return (hash >>> 0) % START_SHARDS;
}
