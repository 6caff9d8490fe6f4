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
  for (const { terms, fromMs, untilMs = Infinity } of periods) {
    if (untilMs <= afterMs) continue;
    const slotMs = nextOccurrence(terms.rule, Math.max(afterMs, fromMs));
    if (slotMs !== undefined && slotMs <= untilMs) return slotMs;
  }
  return undefined;
}

/** When there is something to decide next; undefined when nothing will be, unless somebody changes the schedule. */
export function dueMsOf(scheduleId: string, state: PresentSchedule): number | undefined {
  const pausedUntil = state.periods.find(({ paused, untilMs }) => paused && untilMs !== undefined)?.untilMs;
  const [slotMs] = state.planned;
  if (slotMs === undefined) return pausedUntil;
  const dueMs = slotMs + jitterOf(scheduleId, state, slotMs);
  return pausedUntil === undefined ? dueMs : Math.min(dueMs, pausedUntil);
}

function jitterOf(scheduleId: string, { periods }: PresentSchedule, slotMs: number): number {
  const period = periods.find(({ fromMs, untilMs = Infinity }) => fromMs < slotMs && slotMs <= untilMs);
  return jitterMsOf(scheduleId, slotMs, period?.terms.jitterMs ?? 0);
}
