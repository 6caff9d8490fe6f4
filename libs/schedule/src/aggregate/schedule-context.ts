import type { Calendar } from './schedule-events.ts';

/** What a decision needs and must not fetch. */
export interface ScheduleContext {
  readonly scheduleId: string;
  readonly nowMs: number;
  /** Of this process. */
  readonly calendar: Calendar;
  readonly executionIdOf: (slotMs: number) => string;
  /** Whether the execution that was fired last is not over. */
  readonly isLastUnderWay: boolean;
}
