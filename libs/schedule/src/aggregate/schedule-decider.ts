import type { Decider } from '#libs/event-sourcing';
import { assertNever, MillraceError, toInstant, type Instant } from '#libs/kernel';
import { isOccurrence } from '../occurrences.ts';
import { decideDue } from './decide-due.ts';
import { firstSlotIn, planAhead } from './planned.ts';
import { isSameCalendar } from './same-calendar.ts';
import type { ScheduleContext } from './schedule-context.ts';
import type {
  ScheduleArmed,
  ScheduleDisarmed,
  ScheduleEvent,
  SchedulePaused,
  ScheduleResumed,
  ScheduleTerms,
  Turn,
} from './schedule-events.ts';
import {
  evolveSchedule,
  openPeriodOf,
  type Period,
  type PresentSchedule,
  type ScheduleState,
} from './schedule-state.ts';

/** When an event happened has no part in what is planned after it. */
const EPOCH = toInstant(0);

export type ScheduleCommand =
  /** A workflow's commit at that instant made the version with these terms the active one. `by`: the commit's sequence. */
  | { readonly type: 'ArmSchedule'; readonly terms: ScheduleTerms; readonly atMs: number; readonly by: number }
  | { readonly type: 'DisarmSchedule'; readonly atMs: number; readonly by: number }
  | { readonly type: 'PauseSchedule' }
  | { readonly type: 'ResumeSchedule' }
  /** Gives slots that are due their outcomes. */
  | { readonly type: 'DecideSlots' }
  | { readonly type: 'BackfillSlot'; readonly slotMs: number }
  /** Computes what is planned anew if it was computed by another calendar. */
  | { readonly type: 'AdoptCalendar' };

function decide(command: ScheduleCommand, state: ScheduleState, context: ScheduleContext): readonly ScheduleEvent[] {
  switch (command.type) {
    case 'ArmSchedule':
      return arm(command, state, context);
    case 'DisarmSchedule':
      return disarm(command, state, context);
    case 'PauseSchedule':
      return pause(ensureArmed(state, context), context);
    case 'ResumeSchedule':
      return resume(ensureArmed(state, context), context);
    case 'DecideSlots':
      return decideDue(ensurePresent(state, context), context);
    case 'BackfillSlot':
      return backfill(command, ensureArmed(state, context), context);
    case 'AdoptCalendar':
      return adoptCalendar(ensurePresent(state, context), context);
    default:
      return assertNever(command);
  }
}

/**
 * The version takes over between two slots: those up to `from` are still the former version's, whether they have their
 * outcome or not. A commit that was heeded before changes nothing.
 */
function arm(
  { terms, atMs, by }: Extract<ScheduleCommand, { type: 'ArmSchedule' }>,
  state: ScheduleState,
  { calendar }: ScheduleContext,
): readonly ScheduleEvent[] {
  if (state.status === 'present' && by <= state.by) return [];
  const { at: from, ...turn } = turnOf(state, atMs);
  return [planned({ type: 'ScheduleArmed', data: { terms, from, calendar, by, ...turn } }, state)];
}

function disarm(
  { atMs, by }: Extract<ScheduleCommand, { type: 'DisarmSchedule' }>,
  state: ScheduleState,
  context: ScheduleContext,
): readonly ScheduleEvent[] {
  if (state.status === 'none' || by <= state.by) return [];
  const { at: until, ...turn } = turnOf(state, atMs);
  return [...adoptCalendar(state, context), planned({ type: 'ScheduleDisarmed', data: { until, by, ...turn } }, state)];
}

function pause(state: PresentSchedule, context: ScheduleContext): readonly ScheduleEvent[] {
  if (state.paused) return [];
  const { at: from, ...turn } = turnOf(state, context.nowMs);
  return [...adoptCalendar(state, context), planned({ type: 'SchedulePaused', data: { from, ...turn } }, state)];
}

function resume(state: PresentSchedule, context: ScheduleContext): readonly ScheduleEvent[] {
  if (!state.paused) return [];
  const { at: from, ...turn } = turnOf(state, context.nowMs);
  return [...adoptCalendar(state, context), planned({ type: 'ScheduleResumed', data: { from, ...turn } }, state)];
}

function backfill(
  { slotMs }: Extract<ScheduleCommand, { type: 'BackfillSlot' }>,
  state: ArmedSchedule,
  { executionIdOf }: ScheduleContext,
): readonly ScheduleEvent[] {
  const { rule, version } = state.open.terms;
  const slot = toInstant(slotMs);
  if (!isOccurrence(rule, slotMs))
    throw new MillraceError('refused', 'NO_SUCH_SLOT', `${slot} is no instant of the schedule's active version`);
  if (slotMs > state.decidedUpToMs)
    throw new MillraceError('refused', 'SLOT_NOT_DECIDED', `${slot} has no outcome yet: the schedule will decide it`);
  return [{ type: 'SlotBackfilled', data: { slot, executionId: executionIdOf(slotMs), version } }];
}

/** Also ahead of what ends or begins a stretch of time, as that plans anew: the state never says another calendar than it is planned by. */
function adoptCalendar(state: PresentSchedule, { calendar }: ScheduleContext): readonly ScheduleEvent[] {
  if (isSameCalendar(state.calendar, calendar)) return [];
  const ahead = planAhead(state).map(toInstant);
  const before = state.planned.map(toInstant);
  const differences = Array.from({ length: Math.max(ahead.length, before.length) }, (_, index) => ({
    was: before[index] ?? null,
    is: ahead[index] ?? null,
  })).filter(({ was, is }) => was !== is);
  return [{ type: 'CalendarChanged', data: { from: state.calendar, to: calendar, differences, planned: ahead } }];
}

/** What a change does to the stretch of time that it ends. */
function turnOf(state: ScheduleState, atMs: number): Turn & { readonly at: Instant } {
  if (state.status === 'none') return { at: toInstant(atMs), leavesSlots: false, planned: [] };
  const turnMs = turnMsOf(state, atMs);
  const open = openPeriodOf(state);
  const leavesSlots =
    open !== undefined && firstSlotIn({ ...open, untilMs: turnMs }, state.decidedUpToMs) !== undefined;
  return { at: toInstant(turnMs), leavesSlots, planned: [] };
}

/** Nothing that was decided is decided again, and no two stretches overlap, also when clocks are set back. */
function turnMsOf({ decidedUpToMs, periods }: PresentSchedule, atMs: number): number {
  const last = periods.at(-1);
  return Math.max(atMs, decidedUpToMs, last?.untilMs ?? last?.fromMs ?? 0);
}

/** Completed by what is planned after it. */
function planned<Event extends ScheduleArmed | ScheduleDisarmed | SchedulePaused | ScheduleResumed>(
  event: Event,
  before: ScheduleState,
): Event {
  const after = evolveSchedule(before, event, EPOCH);
  const ahead = after.status === 'present' ? planAhead(after).map(toInstant) : [];
  return { ...event, data: { ...event.data, planned: ahead } };
}

type ArmedSchedule = PresentSchedule & { readonly open: Period };

function ensureArmed(state: ScheduleState, context: ScheduleContext): ArmedSchedule {
  const present = ensurePresent(state, context);
  return { ...present, open: armedPeriodOf(present) };
}

/** The one that has no end yet. Throws `SCHEDULE_NOT_ACTIVE` when the schedule is not armed. */
export function armedPeriodOf(state: PresentSchedule): Period {
  const open = openPeriodOf(state);
  if (open) return open;
  const message = 'the workflow is not active, or its active version does not have this schedule; activate it first';
  throw new MillraceError('conflict', 'SCHEDULE_NOT_ACTIVE', message);
}

function ensurePresent(state: ScheduleState, { scheduleId }: ScheduleContext): PresentSchedule {
  if (state.status === 'present') return state;
  throw new MillraceError('notFound', 'SCHEDULE_NOT_FOUND', `there is no schedule ${scheduleId}`);
}

export const scheduleDecider: Decider<ScheduleState, ScheduleCommand, ScheduleEvent, ScheduleContext> = {
  decide,
  evolve: evolveSchedule,
  initialState: () => ({ status: 'none' }),
};
