import { toInstant } from '#libs/kernel';
import { CATCH_UP, Outcomes } from './outcomes.ts';
import type { ScheduleContext } from './schedule-context.ts';
import type { Misfire, OutcomeEvent } from './schedule-events.ts';
import type { Period, PresentSchedule } from './schedule-state.ts';

/** Whoever decides a slot this late is in time: clocks and timers are not exact, and a process may be busy for a moment. */
export const ON_TIME_MS = 2_000;
/**
 * The newest slot is fired whatever the misfire policy says, when it is not later than this: a daily job must not depend on
 * whether its leader was just being replaced, which takes up to 20 s with replicas.
 */
export const GRACE_MS = 30_000;

/** Outcomes of slots that are due, oldest first. Not necessarily of all: ask again until there are none. */
export function decideDue(state: PresentSchedule, context: ScheduleContext): readonly OutcomeEvent[] {
  const outcomes = new Outcomes(state, context);
  for (const period of state.periods) {
    if (period.paused) skipPaused(period, outcomes);
    else decideSlots(period, outcomes);
    const { untilMs = Infinity } = period;
    if (untilMs > outcomes.nowMs || outcomes.isFull || outcomes.isWaitingUpTo(untilMs)) break;
  }
  return outcomes.events;
}

function skipPaused(period: Period, outcomes: Outcomes): void {
  if (period.untilMs === undefined) return;
  const lastMs = outcomes.lastIn(period);
  if (lastMs !== undefined) outcomes.pass(period, lastMs, { type: 'SlotsSkipped', data: { reason: 'paused' } });
}

function decideSlots(period: Period, outcomes: Outcomes): void {
  const { due, older } = outcomes.dueIn(period);
  const newest = due.at(-1);
  const isLate = (slotMs: number): boolean =>
    outcomes.lateMs(period, slotMs) > (slotMs === newest ? GRACE_MS : ON_TIME_MS);
  // Jitter may make a slot later than the one before it: what comes behind one that is in time is in time.
  const firstInTime = due.findIndex((slotMs) => !isLate(slotMs));
  const late = firstInTime < 0 ? due : due.slice(0, firstInTime);
  const inTime = firstInTime < 0 ? [] : due.slice(firstInTime);
  const lastLate = late.at(-1) ?? older;
  if (lastLate !== undefined)
    decideLate[period.terms.misfire](period, { late, older, lastLate, next: inTime[0] }, outcomes);
  for (const slotMs of inTime) outcomes.fire(period, slotMs);
}

interface Late {
  /** Oldest first; when there are very many, the newest. */
  readonly late: readonly number[];
  /** The newest of those that are left out of `late`, if some are. */
  readonly older: number | undefined;
  readonly lastLate: number;
  /** The first that is in time, if one is. */
  readonly next: number | undefined;
}

const decideLate: Readonly<Record<Misfire, (period: Period, late: Late, outcomes: Outcomes) => void>> = {
  skip: (period, { lastLate }, outcomes) => {
    outcomes.pass(period, lastLate, { type: 'SlotsMissed', data: { reason: 'late' } });
  },
  runOnce: (period, { late, older, lastLate, next }, outcomes) => {
    const into = toInstant(next ?? lastLate);
    const coalesced = next === undefined ? (late.at(-2) ?? older) : lastLate;
    if (coalesced !== undefined) outcomes.pass(period, coalesced, { type: 'SlotsCoalesced', data: { into } });
    if (next === undefined) outcomes.fire(period, lastLate);
  },
  runAll: (period, { late, older }, outcomes) => {
    const before = late.at(-CATCH_UP - 1) ?? older;
    if (before !== undefined) outcomes.pass(period, before, { type: 'SlotsMissed', data: { reason: 'tooMany' } });
    for (const slotMs of late.slice(-CATCH_UP)) outcomes.fire(period, slotMs);
  },
};
