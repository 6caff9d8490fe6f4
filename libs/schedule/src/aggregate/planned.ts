import { nextOccurrence } from '../occurrences.ts';
import { jitterMsOf } from '../jitter.ts';
import type { Period, PresentSchedule } from './schedule-state.ts';

/** Slots that are known ahead. */
const PLANNED = 5;

type Decided = Pick<PresentSchedule, 'periods' | 'decidedUpToMs'>;

/** The next slots that are to be fired: those that are known, and what follows on them. */
export function planAhead({ periods, decidedUpToMs }: Decided, known: readonly number[] = []): readonly number[] {
  const planned = known.filter((slotMs) => slotMs > decidedUpToMs).slice(0, PLANNED);
  const firing = periods.filter(({ paused }) => !paused);
  for (let afterMs = planned.at(-1) ?? decidedUpToMs; planned.length < PLANNED;) {
    const slotMs = nextIn(firing, afterMs);
    if (slotMs === undefined) return planned;
    planned.push(slotMs);
    afterMs = slotMs;
  }
  return planned;
}

function nextIn(periods: readonly Period[], afterMs: number): number | undefined {
  for (const period of periods) {
    const slotMs = firstSlotIn(period, afterMs);
    if (slotMs !== undefined) return slotMs;
  }
  return undefined;
}

/** The first slot of a period after an instant; undefined when there is none. */
export function firstSlotIn({ terms, fromMs, untilMs = Infinity }: Period, afterMs: number): number | undefined {
  if (untilMs <= afterMs) return undefined;
  const slotMs = nextOccurrence(terms.rule, Math.max(afterMs, fromMs));
  return slotMs !== undefined && slotMs <= untilMs ? slotMs : undefined;
}

/**
 * When there is something to decide next; undefined when nothing will be, unless somebody changes the schedule. Exact: who
 * decides then finds a slot to decide, so nobody tries in vain, again and again.
 */
export function dueMsOf(scheduleId: string, state: PresentSchedule): number | undefined {
  const [slotMs] = state.planned;
  const pauseEndMs = pauseEndMsOf(state);
  if (pauseEndMs !== undefined && pauseEndMs < (slotMs ?? Infinity)) return pauseEndMs;
  if (slotMs === undefined) return undefined;
  const period = state.periods.find(({ fromMs, untilMs = Infinity }) => fromMs < slotMs && slotMs <= untilMs);
  return period ? fireMsOf(scheduleId, period, slotMs) : slotMs;
}

/** Of the first pause that is over and has slots without an outcome. */
function pauseEndMsOf({ periods, decidedUpToMs }: PresentSchedule): number | undefined {
  return periods.find(
    (period) => period.paused && period.untilMs !== undefined && firstSlotIn(period, decidedUpToMs) !== undefined,
  )?.untilMs;
}

/**
 * When a slot is to be fired: after its jitter, but not after the end of its period. Else slots of the version that took
 * over would wait for one of the version before.
 */
export function fireMsOf(scheduleId: string, { terms, untilMs = Infinity }: Period, slotMs: number): number {
  return Math.min(slotMs + jitterMsOf(scheduleId, slotMs, terms.jitterMs), untilMs);
}
