import { deciderSpecification } from '#libs/event-sourcing/testing';
import { epochMsOf, toInstant } from '#libs/kernel';
import type { ScheduleContext } from '../aggregate/schedule-context.ts';
import { scheduleDecider, type ScheduleCommand } from '../aggregate/schedule-decider.ts';
import type { Calendar, ScheduleEvent, ScheduleTerms } from '../aggregate/schedule-events.ts';
import { termsOf } from './terms-of.ts';

export const T0_MS = epochMsOf('2026-11-28T10:00:00.000Z');
export const CALENDAR: Calendar = { croner: '11', zones: '2026c' };

/** `10:01`, `10:01:30` or `10:01:30.500` on the day of the specs; or a whole instant. */
export function ms(time: string): number {
  return epochMsOf(time.includes('T') ? time : `2026-11-28T${time.length === 5 ? `${time}:00` : time}Z`);
}

export function at(time: string): string {
  return toInstant(ms(time));
}

export function contextAt(time: string, told: Partial<ScheduleContext> = {}): ScheduleContext {
  return {
    scheduleId: 'sch_1',
    nowMs: ms(time),
    calendar: CALENDAR,
    executionIdOf: (slotMs) => `ex@${toInstant(slotMs).slice(11, 19)}`,
    isLastUnderWay: false,
    ...told,
  };
}

export function specAt(time: string, told: Partial<ScheduleContext> = {}) {
  return deciderSpecification(scheduleDecider, contextAt(time, told), at(time));
}

/** What the commands, each given at its time, made of a schedule. */
export function lived(...steps: readonly (readonly [time: string, command: ScheduleCommand])[]): ScheduleEvent[] {
  const history: ScheduleEvent[] = [];
  for (const [time, command] of steps) history.push(...specAt(time).given(history).when(command).events());
  return history;
}

let commits = 0;
export function arm(time: string, version: number, told: Partial<ScheduleTerms> = {}, by = ++commits): ScheduleCommand {
  return { type: 'ArmSchedule', terms: termsOf(version, told), atMs: ms(time), by };
}
export function disarm(time: string, by = ++commits): ScheduleCommand {
  return { type: 'DisarmSchedule', atMs: ms(time), by };
}
export const pause: ScheduleCommand = { type: 'PauseSchedule' };
export const resume: ScheduleCommand = { type: 'ResumeSchedule' };
export const decide: ScheduleCommand = { type: 'DecideSlots' };

/** Outcomes in short: `fired 10:01:00 of 1, 0 late, 2 missed` or `missed late 10:01:00–10:05:00 (5)`. */
export function brief(events: readonly ScheduleEvent[]): string[] {
  return events.map((event) => {
    switch (event.type) {
      case 'SlotFired': {
        const { slot, version, lateMs, missed } = event.data;
        return `fired ${clock(slot)} of ${version}, ${lateMs} late, ${missed} missed`;
      }
      case 'SlotsMissed':
      case 'SlotsSkipped':
        return `${event.type} ${event.data.reason} ${stretch(event.data)}`;
      case 'SlotsCoalesced':
        return `${event.type} ${stretch(event.data)} into ${clock(event.data.into)}`;
      default:
        return event.type;
    }
  });
}

function stretch({
  first,
  last,
  count,
}: {
  readonly first: string;
  readonly last: string;
  readonly count: number | null;
}) {
  return `${clock(first)}-${clock(last)} (${count})`;
}

const clock = (instant: string): string => instant.slice(11, 19);
