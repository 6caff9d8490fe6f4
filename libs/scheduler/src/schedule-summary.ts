import { openPeriodOf, type Calendar, type PresentSchedule } from '#libs/schedule';

/** What stays the same for as long as there is the schedule. */
export interface ScheduleIdentity {
  readonly id: string;
  readonly workspaceId: string;
  readonly workflowId: string;
  /** When it was armed for the first time. */
  readonly armedAtMs: number;
}

/** `finished`: it has no slot to come. */
export type ArmedStatus = 'active' | 'paused' | 'finished';

/** What is asked of many schedules at once: known without parsing a state. */
export interface ScheduleSummary {
  readonly identity: ScheduleIdentity;
  /** Of the workflow; undefined when the schedule is not armed. */
  readonly armedVersion: number | undefined;
  readonly status: ArmedStatus | undefined;
  readonly calendar: Calendar;
}

/** Undefined when it is not armed. */
export function statusOf(state: PresentSchedule): ArmedStatus | undefined {
  if (!openPeriodOf(state)) return undefined;
  if (state.paused) return 'paused';
  return state.planned.length > 0 ? 'active' : 'finished';
}
