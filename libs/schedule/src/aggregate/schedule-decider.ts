import type { Decider } from '#libs/event-sourcing';
import { assertNever, MillraceError, toInstant } from '#libs/kernel';
import { isOccurrence } from '../occurrences.ts';
import { decideDue } from './decide-due.ts';
import { planAhead } from './planned.ts';
import type { ScheduleContext } from './schedule-context.ts';
import type { ScheduleEvent, ScheduleTerms } from './schedule-events.ts';
import {
  evolveSchedule,
  openPeriodOf,
  type Period,
  type PresentSchedule,
  type ScheduleState,
} from './schedule-state.ts';

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
      return disarm(command, state);
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
  const from = toInstant(state.status === 'none' ? atMs : turnMsOf(state, atMs));
  const event: ScheduleEvent = { type: 'ScheduleArmed', data: { terms, from, calendar, by, planned: [] } };
  return [planned(event, evolveSchedule(state, event, from))];
}

function disarm(
  { atMs, by }: Extract<ScheduleCommand, { type: 'DisarmSchedule' }>,
  state: ScheduleState,
): readonly ScheduleEvent[] {
  if (state.status === 'none' || by <= state.by) return [];
  const until = toInstant(turnMsOf(state, atMs));
  const event: ScheduleEvent = { type: 'ScheduleDisarmed', data: { until, by, planned: [] } };
  return [planned(event, evolveSchedule(state, event, until))];
}

function pause(state: PresentSchedule, { nowMs }: ScheduleContext): readonly ScheduleEvent[] {
  if (state.paused) return [];
  const from = toInstant(turnMsOf(state, nowMs));
  const event: ScheduleEvent = { type: 'SchedulePaused', data: { from, planned: [] } };
  return [planned(event, evolveSchedule(state, event, from))];
}

function resume(state: PresentSchedule, { nowMs }: ScheduleContext): readonly ScheduleEvent[] {
  if (!state.paused) return [];
  const from = toInstant(turnMsOf(state, nowMs));
  const event: ScheduleEvent = { type: 'ScheduleResumed', data: { from, planned: [] } };
  return [planned(event, evolveSchedule(state, event, from))];
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

function adoptCalendar(state: PresentSchedule, { calendar }: ScheduleContext): readonly ScheduleEvent[] {
  const { croner, zones } = state.calendar;
  if (croner === calendar.croner && zones === calendar.zones) return [];
  const ahead = planAhead(state).map(toInstant);
  const before = state.planned.map(toInstant);
  const differences = Array.from({ length: Math.max(ahead.length, before.length) }, (_, index) => ({
    was: before[index] ?? null,
    is: ahead[index] ?? null,
  })).filter(({ was, is }) => was !== is);
  return [{ type: 'CalendarChanged', data: { from: state.calendar, to: calendar, differences, planned: ahead } }];
}

/** Nothing that was decided is decided again, and no two changes are the wrong way round. */
function turnMsOf({ decidedUpToMs, periods }: PresentSchedule, atMs: number): number {
  return Math.max(atMs, decidedUpToMs, periods.at(-1)?.fromMs ?? 0);
}

function planned<Event extends ScheduleEvent>(event: Event, after: ScheduleState): Event {
  const ahead = after.status === 'present' ? planAhead(after).map(toInstant) : [];
  return { ...event, data: { ...event.data, planned: ahead } };
}

type ArmedSchedule = PresentSchedule & { readonly open: Period };

function ensureArmed(state: ScheduleState, context: ScheduleContext): ArmedSchedule {
  const present = ensurePresent(state, context);
  const open = openPeriodOf(present);
  if (open) return { ...present, open };
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
