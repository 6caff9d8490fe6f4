export { decideDue, GRACE_MS, ON_TIME_MS } from './aggregate/decide-due.ts';
export { CATCH_UP } from './aggregate/outcomes.ts';
export { dueMsOf } from './aggregate/planned.ts';
export { SlotLedger, type ProvenSlot, type SlotOutcome, type SlotProblem, type SlotProof } from './aggregate/proof.ts';
export { isSameCalendar } from './aggregate/same-calendar.ts';
export type { ScheduleContext } from './aggregate/schedule-context.ts';
export { armedPeriodOf, scheduleDecider, type ScheduleCommand } from './aggregate/schedule-decider.ts';
export {
  isOutcome,
  scheduleEventSchema,
  type Calendar,
  type CalendarChanged,
  type Misfire,
  type OutcomeEvent,
  type Overlap,
  type ScheduleEvent,
  type ScheduleTerms,
} from './aggregate/schedule-events.ts';
export {
  openPeriodOf,
  SCHEDULE_SNAPSHOT_VERSION,
  type Period,
  type PresentSchedule,
  type ScheduleState,
} from './aggregate/schedule-state.ts';
export { readSlotStart, slotStartsOf, type SlotStart } from './aggregate/slot-starts.ts';
export { CRONER_MAJOR } from './cron-calendar.ts';
export { LONGEST_CRON } from './cron-problem.ts';
export { jitterMsOf } from './jitter.ts';
export {
  countOccurrences,
  isOccurrence,
  latestOccurrences,
  nextOccurrence,
  occurrencesBetween,
  type OccurrenceSpan,
} from './occurrences.ts';
export { LONGEST_EVERY_MS, ruleProblems, SHORTEST_EVERY_MS } from './rule-problems.ts';
export { DEFAULT_TIMEZONE, ruleOf, type RuleConfig, type ScheduleRule } from './rule.ts';
export { isTimeZone } from './time-zone.ts';
