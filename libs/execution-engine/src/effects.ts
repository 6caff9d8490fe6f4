import type { TaskMessage, TimerMessage } from '#libs/event-sourcing';
import { isTerminalEvent, type ExecutionEvent, type Priority } from './events.ts';
import { followUpsOf } from './follow-ups.ts';
import { putBacksOf, type PutBacks } from './put-backs.ts';
import type { Transition } from './transition.ts';
import { againTimerId, batchTimerId, rearmedFor, retryTimerId, stageEnd, wantedTimers } from './timers.ts';

/** Start tasks of a lane are spread over this many shards by workspace, so that one workspace can't block the rest. */
export const START_SHARDS = 16;

/** Whoever does what follows from a commit beyond its execution. */
export const FOLLOW_UP_EXECUTOR = 'follow-up';

/**
 * The work that follows from a commit: attempts, unless it ends the execution, and what others have to be told. Derived
 * from the transition alone, so it can be derived again from any history.
 */
export function tasksOf(transition: Transition): readonly TaskMessage[] {
  const { executionId, events } = transition;
  const work = events.some(({ type }) => isTerminalEvent(type))
    ? []
    : events.flatMap((event) => tasksOfEvent(executionId, event));
  const followUps = followUpsOf(transition).map((step) => ({
    queue: `run.${FOLLOW_UP_EXECUTOR}`,
    payload: { executionId, ...step },
  }));
  return [...work, ...followUps];
}

function tasksOfEvent(executionId: string, event: ExecutionEvent): readonly TaskMessage[] {
  switch (event.type) {
    case 'ExecutionStarted':
      return [startTask(executionId, event.data)];
    case 'NodeScheduled':
      return [attemptTask(executionId, event.data)];
    case 'NodeLoopStarted': {
      const { nodeId, count, batchSize, concurrency, executor, resumes } = event.data;
      if (resumes)
        return resumes.open.map(({ batch }) => batchTask(executionId, { nodeId, batch, attempt: 1, executor }));
      const batches = Math.min(concurrency, Math.ceil(count / batchSize));
      return Array.from({ length: batches }, (_, batch) =>
        batchTask(executionId, { nodeId, batch, attempt: 1, executor }),
      );
    }
    case 'NodeBatchScheduled':
      return [batchTask(executionId, event.data)];
    case 'NodeBatchEnded': {
      const { nodeId, opens, executor } = event.data;
      return opens === undefined ? [] : [batchTask(executionId, { nodeId, batch: opens, attempt: 1, executor })];
    }
    default:
      return [];
  }
}

export function startTask(
  executionId: string,
  { priority, workspaceId }: { readonly priority: Priority; readonly workspaceId: string },
): TaskMessage {
  return { queue: `start.${priority}.${shardsOf(workspaceId).join('.')}`, payload: { executionId } };
}

export function attemptTask(
  executionId: string,
  { nodeId, attempt, executor, ...more }: { nodeId: string; attempt: number; executor: string } & PutBacks,
): TaskMessage {
  return { queue: `run.${executor}`, payload: { executionId, nodeId, attempt, ...putBacksOf(more) } };
}

export function batchTask(
  executionId: string,
  {
    nodeId,
    batch,
    attempt,
    executor,
    ...more
  }: { nodeId: string; batch: number; attempt: number; executor: string } & PutBacks,
): TaskMessage {
  return { queue: `run.${executor}`, payload: { executionId, nodeId, attempt, batch, ...putBacksOf(more) } };
}

/** Timers to arm because the state wants them now, and to drop because it no longer does. */
export function timersOf({ before, events, after, at }: Transition): readonly TimerMessage[] {
  const wantedBefore = new Map(wantedTimers(before).map(({ id, dueAt }) => [id, dueAt]));
  const wanted = wantedTimers(after);
  if (wanted.length === 0 && wantedBefore.size === 0) return [];
  const fired = firedBy(events);
  const arm = wanted
    .filter(({ id, dueAt }) => wantedBefore.get(id) !== dueAt || fired.has(id))
    .map(({ id, dueAt }): TimerMessage => {
      const isAgain = wantedBefore.get(id) === dueAt;
      return { kind: 'arm', id, dueAt: isAgain ? rearmedFor(dueAt, at) : stageEnd(dueAt, at) };
    });
  const stays = new Set(wanted.map(({ id }) => id));
  const drop = [...wantedBefore.keys()]
    .filter((id) => !stays.has(id) && !fired.has(id))
    .map((id): TimerMessage => ({ kind: 'drop', id }));
  return [...arm, ...drop];
}

/** Timers that are known to have fired, so that there is nothing left of them to drop. */
function firedBy(events: readonly ExecutionEvent[]): ReadonlySet<string> {
  return new Set(
    events.flatMap((event) => {
      switch (event.type) {
        case 'TimerFired':
        case 'TimerRearmed':
          return [event.data.timerId];
        case 'NodeScheduled':
          return [retryTimerId(event.data.nodeId, event.data.attempt - 1), againTimerId(event.data.nodeId)];
        case 'NodeBatchScheduled':
          return [batchTimerId(event.data.nodeId, event.data.batch)];
        default:
          return [];
      }
    }),
  );
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
