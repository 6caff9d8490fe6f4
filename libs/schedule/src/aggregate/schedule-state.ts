import { assertNever, epochMsOf, InvariantError } from '#libs/kernel';
import {
  isOutcome,
  MOST_COUNTED,
  type Calendar,
  type OutcomeEvent,
  type ScheduleArmed,
  type ScheduleEvent,
  type ScheduleTerms,
  type Turn,
} from './schedule-events.ts';

/** A stretch of time under one version's terms. Instants are milliseconds since 1970; a slot at `fromMs` is not in it. */
export interface Period {
  readonly terms: ScheduleTerms;
  readonly fromMs: number;
  /** Absent: open. A slot at it is in the period. */
  readonly untilMs?: number;
  /** Its slots are skipped. */
  readonly paused?: true;
}

export interface PresentSchedule {
  readonly status: 'present';
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly nodeId: string;
  /** When it was armed for the first time. */
  readonly armedAt: string;
  /** Every slot up to it has its outcome. */
  readonly decidedUpToMs: number;
  /** Those that may have slots without an outcome, oldest first. The last is open while the schedule is armed. */
  readonly periods: readonly Period[];
  /** The next slots to be fired, at most five. */
  readonly planned: readonly number[];
  readonly calendar: Calendar;
  /** The workflow's commit that armed or disarmed it last. */
  readonly by: number;
  /** Whether slots are skipped until somebody resumes it; lasts through versions. */
  readonly paused: boolean;
  readonly lastFired?: {
    readonly slotMs: number;
    readonly executionId: string;
    readonly at: string;
    readonly lateMs: number;
  };
  /** Slots without an execution of their own since the last one fired, as nobody fired them in time. */
  readonly missedSince: number;
  readonly counts: { readonly fired: number; readonly skipped: number; readonly missed: number };
}
export type ScheduleState = { readonly status: 'none' } | PresentSchedule;

/**
 * Written with each commit. A snapshot of another number is not read; the history is folded instead. Of a long history
 * only the newest commits are left, so another number has to come with a reader of the former one.
 */
export const SCHEDULE_SNAPSHOT_VERSION = 1;

export function evolveSchedule(state: ScheduleState, event: ScheduleEvent, at: string): ScheduleState {
  if (event.type === 'ScheduleArmed') return armed(state, event.data, at);
  if (state.status === 'none') throw new InvariantError(`${event.type} before ScheduleArmed`);
  return isOutcome(event) ? decided(state, event, at) : changed(state, event);
}

function changed(
  state: PresentSchedule,
  event: Exclude<ScheduleEvent, OutcomeEvent | { readonly type: 'ScheduleArmed' }>,
): PresentSchedule {
  switch (event.type) {
    case 'ScheduleDisarmed':
      return { ...closed(state, event.data.until, event.data), by: event.data.by, ...plannedIn(event.data) };
    case 'SchedulePaused':
      return { ...reopened({ ...state, paused: true }, event.data), ...plannedIn(event.data) };
    case 'ScheduleResumed':
      return { ...reopened({ ...state, paused: false }, event.data), ...plannedIn(event.data) };
    case 'SlotBackfilled':
      return state;
    case 'CalendarChanged':
      return { ...state, calendar: event.data.to, ...plannedIn(event.data) };
    default:
      return assertNever(event);
  }
}

function armed(state: ScheduleState, data: ScheduleArmed['data'], at: string): PresentSchedule {
  const { terms, calendar, by } = data;
  const fromMs = epochMsOf(data.from);
  const before = state.status === 'none' ? first(at, fromMs, data) : closed(state, data.from, data);
  const period = { terms, fromMs, ...(before.paused ? { paused: true as const } : {}) };
  return { ...before, periods: [...before.periods, period], calendar, by, ...plannedIn(data) };
}

function first(at: string, fromMs: number, { terms, calendar }: ScheduleArmed['data']): PresentSchedule {
  const { workspaceId, workflowId, nodeId } = terms;
  return {
    status: 'present',
    ...{ workspaceId, workflowId, nodeId },
    armedAt: at,
    decidedUpToMs: fromMs,
    periods: [],
    planned: [],
    calendar,
    by: 0,
    paused: false,
    missedSince: 0,
    counts: { fired: 0, skipped: 0, missed: 0 },
  };
}

/** The one that has no end yet; undefined when the schedule is not armed. */
export function openPeriodOf({ periods }: PresentSchedule): Period | undefined {
  const last = periods.at(-1);
  return last?.untilMs === undefined ? last : undefined;
}

/** Without slots after that instant. A period that leaves none to decide is gone, so that turns alone never pile up. */
function closed(state: PresentSchedule, until: string, { leavesSlots }: Turn): PresentSchedule {
  const last = openPeriodOf(state);
  if (!last) return state;
  const before = state.periods.slice(0, -1);
  return { ...state, periods: leavesSlots ? [...before, { ...last, untilMs: epochMsOf(until) }] : before };
}

/** The same terms go on, with slots skipped or fired from that instant on. */
function reopened(state: PresentSchedule, turn: Turn & { readonly from: string }): PresentSchedule {
  const open = openPeriodOf(state);
  if (!open) return state;
  const before = closed(state, turn.from, turn);
  const period = {
    terms: open.terms,
    fromMs: epochMsOf(turn.from),
    ...(state.paused ? { paused: true as const } : {}),
  };
  return { ...before, periods: [...before.periods, period] };
}

function decided(state: PresentSchedule, event: OutcomeEvent, at: string): PresentSchedule {
  const decidedUpToMs = epochMsOf(event.type === 'SlotFired' ? event.data.slot : event.data.last);
  const periods = state.periods.filter(({ untilMs = Infinity }) => untilMs > decidedUpToMs);
  return { ...counted(state, event, at), decidedUpToMs, periods, ...plannedIn(event.data) };
}

function counted(state: PresentSchedule, event: OutcomeEvent, at: string): PresentSchedule {
  const { counts, missedSince } = state;
  if (event.type === 'SlotFired') {
    const { slot, executionId, lateMs } = event.data;
    const lastFired = { slotMs: epochMsOf(slot), executionId, at, lateMs };
    return { ...state, lastFired, missedSince: 0, counts: { ...counts, fired: counts.fired + 1 } };
  }
  // At least so many: an execution must not be told that it missed none.
  const count = event.data.count ?? MOST_COUNTED;
  if (event.type === 'SlotsSkipped') return { ...state, counts: { ...counts, skipped: counts.skipped + count } };
  return { ...state, missedSince: missedSince + count, counts: { ...counts, missed: counts.missed + count } };
}

function plannedIn({ planned }: { readonly planned: readonly string[] }): Pick<PresentSchedule, 'planned'> {
  return { planned: planned.map(epochMsOf) };
}
