import { epochMsOf, toInstant } from '#libs/kernel';
import { isTerminal, type ExecutionState, type LoopState, type NodeState, type StartedExecution } from './state.ts';

/** A wake-up that the state wants. Ids are subject tokens: node ids fit as they are. */
export interface WantedTimer {
  readonly id: string;
  readonly dueAt: string;
}

/** What a timer is for, told by its id. */
export type TimerPurpose =
  /** The next attempt, after `attempt` failed. */
  | { readonly kind: 'retry'; readonly nodeId: string; readonly attempt: number }
  /** The same attempt again. */
  | { readonly kind: 'again'; readonly nodeId: string }
  /** The end of a wait. Named for its attempt: a drop that comes late must not meet the next attempt's. */
  | { readonly kind: 'wait'; readonly nodeId: string; readonly attempt: number }
  | { readonly kind: 'batch'; readonly nodeId: string; readonly batch: number }
  | { readonly kind: 'gate'; readonly gate: number }
  | { readonly kind: 'timeout' };

/** Of the whole execution. */
export const TIMEOUT_TIMER = 'timeout';

export const retryTimerId = (nodeId: string, attempt: number): string => `retry-${attempt}-${nodeId}`;
export const againTimerId = (nodeId: string): string => `again-${nodeId}`;
export const waitTimerId = (nodeId: string, attempt: number): string => `wait-${attempt}-${nodeId}`;
export const batchTimerId = (nodeId: string, batch: number): string => `batch-${batch}-${nodeId}`;
export const gateTimerId = (gate: number): string => `gate-${gate}`;

const SHAPES: readonly { readonly pattern: RegExp; readonly read: (found: readonly string[]) => TimerPurpose }[] = [
  {
    pattern: /^retry-(\d+)-(.+)$/,
    read: ([, attempt, id = '']) => ({ kind: 'retry', nodeId: id, attempt: Number(attempt) }),
  },
  { pattern: /^again-(.+)$/, read: ([, nodeId = '']) => ({ kind: 'again', nodeId }) },
  {
    pattern: /^wait-(\d+)-(.+)$/,
    read: ([, attempt, id = '']) => ({ kind: 'wait', nodeId: id, attempt: Number(attempt) }),
  },
  {
    pattern: /^batch-(\d+)-(.+)$/,
    read: ([, batch, id = '']) => ({ kind: 'batch', nodeId: id, batch: Number(batch) }),
  },
  { pattern: /^gate-(\d+)$/, read: ([, gate]) => ({ kind: 'gate', gate: Number(gate) }) },
  { pattern: /^timeout$/, read: () => ({ kind: 'timeout' }) },
];

export function purposeOf(timerId: string): TimerPurpose | undefined {
  for (const { pattern, read } of SHAPES) {
    const found = pattern.exec(timerId);
    if (found) return read(found);
  }
  return undefined;
}

/** The longest that a timer is armed for at once: what is further away is reached in stages. */
const LONGEST_STAGE_MS = 30 * 24 * 60 * 60 * 1000;

/** Clocks of a server and a worker may differ by this much: a timer that fires earlier than that is a stage, or an old one. */
const CLOCK_TOLERANCE_MS = 5_000;

/** When a timer that is wanted at `dueAt` is armed for. */
export function stageEnd(dueAt: string, at: string): string {
  return epochMsOf(dueAt) - epochMsOf(at) > LONGEST_STAGE_MS ? toInstant(epochMsOf(at) + LONGEST_STAGE_MS) : dueAt;
}

/** A timer that fires earlier than this, and is not a stage, met a clock that is behind. */
const LARGEST_SKEW_MS = 60_000;

/**
 * When a timer that fired early at `at` is armed for again. If the clock that says so is behind, a server whose clock is
 * right would fire it at once, and again and again: twice as long from here that clock has caught up.
 */
export function rearmedFor(dueAt: string, at: string): string {
  const earlyMs = epochMsOf(dueAt) - epochMsOf(at);
  return earlyMs > LARGEST_SKEW_MS ? stageEnd(dueAt, at) : toInstant(epochMsOf(dueAt) + earlyMs);
}

/** Whether the time has not come yet for a timer that fired at `at`. */
export function isEarly({ dueAt }: WantedTimer, at: string): boolean {
  return epochMsOf(dueAt) - epochMsOf(at) > CLOCK_TOLERANCE_MS;
}

/** Timers that the state still wants to fire. */
export function wantedTimers(state: ExecutionState): readonly WantedTimer[] {
  if (state.status === 'none' || isTerminal(state)) return [];
  const wanted = [...gateTimers(state)];
  if (state.timeoutAt !== undefined) wanted.push({ id: TIMEOUT_TIMER, dueAt: state.timeoutAt });
  // Who is only worked on waits for no time.
  if (state.active === state.moving) return wanted;
  for (const [nodeId, node] of Object.entries(state.nodes)) wanted.push(...nodeTimers(nodeId, node));
  return wanted;
}

function gateTimers({ admission }: StartedExecution): readonly WantedTimer[] {
  const until = admission?.held?.until;
  return admission && until !== undefined ? [{ id: gateTimerId(admission.passed), dueAt: until }] : [];
}

const NONE: readonly WantedTimer[] = [];

function nodeTimers(nodeId: string, node: NodeState): readonly WantedTimer[] {
  switch (node.status) {
    case 'retrying':
      return [{ id: retryTimerId(nodeId, node.attempt), dueAt: node.dueAt }];
    case 'postponed':
      return [{ id: againTimerId(nodeId), dueAt: node.dueAt }];
    case 'waiting':
      return 'dueAt' in node.on && node.on.dueAt !== undefined
        ? [{ id: waitTimerId(nodeId, node.attempt), dueAt: node.on.dueAt }]
        : NONE;
    case 'looping':
      return batchTimers(nodeId, node.loop);
    default:
      return NONE;
  }
}

function batchTimers(nodeId: string, { open }: LoopState): readonly WantedTimer[] {
  return Object.entries(open).flatMap(([batch, state]) =>
    state.status === 'retrying' ? [{ id: batchTimerId(nodeId, Number(batch)), dueAt: state.dueAt }] : [],
  );
}
