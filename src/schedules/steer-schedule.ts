import { Injectable } from '@nestjs/common';
import type { Actor } from '#libs/event-sourcing';
import { ScheduleJournal, ScheduleTable } from '#libs/scheduler';
import { noteChange } from '../platform/audit/change-notes.ts';
import { ReadSchedules } from './read-schedules.ts';
import type { ScheduleView } from './schedule-view.ts';
import type { ScheduleTarget } from './schedules.dto.ts';

@Injectable()
export class SteerSchedule {
  constructor(
    private readonly reading: ReadSchedules,
    private readonly journal: ScheduleJournal,
    private readonly table: ScheduleTable,
  ) {}

  /** Saying it again changes nothing. Throws `SCHEDULE_NOT_FOUND`, and `SCHEDULE_NOT_ACTIVE` when it was disarmed meanwhile. */
  async turn(target: ScheduleTarget, type: 'PauseSchedule' | 'ResumeSchedule', actor: Actor): Promise<ScheduleView> {
    const { scheduleId } = target;
    const { status } = this.reading.get(target);
    const { known } = await this.journal.submit(scheduleId, { type }, { known: this.table.find(scheduleId), actor });
    if (known) this.table.put(scheduleId, known);
    const view = this.reading.get(target);
    noteChange({ target: scheduleId, before: { status }, after: { status: view.status } });
    return view;
  }
}
