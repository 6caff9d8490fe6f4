import { Injectable } from '@nestjs/common';
import { setImmediate as turn } from 'node:timers/promises';
import { ScheduleJournal, ScheduleTable } from '#libs/scheduler';
import { isAway } from '../platform/away.ts';
import { Logger } from '../platform/logging/logger.ts';
import { CALENDAR } from '../schedules/calendar.ts';

/** Computes anew what was planned by other zone data than this process has. Done once by whoever begins to lead. */
@Injectable()
export class AdoptCalendar {
  constructor(
    private readonly table: ScheduleTable,
    private readonly journal: ScheduleJournal,
    private readonly logger: Logger,
  ) {}

  /** @param isWanted false once this process leads no more */
  async begin(isWanted: () => boolean): Promise<void> {
    let adopted = 0;
    for (const [scheduleId] of [...this.table.dues()]) {
      if (!isWanted()) break;
      if (await this.#adopt(scheduleId)) adopted++;
    }
    if (adopted > 0)
      this.logger.info({ schedules: adopted, ...CALENDAR }, 'schedules follow the calendar of this process');
  }

  async #adopt(scheduleId: string): Promise<boolean> {
    const known = this.table.find(scheduleId);
    if (!known || (known.state.calendar.zones === CALENDAR.zones && known.state.calendar.croner === CALENDAR.croner))
      return false;
    await turn();
    try {
      const { events, known: after } = await this.journal.submit(scheduleId, { type: 'AdoptCalendar' }, { known });
      if (after) this.table.put(scheduleId, after);
      for (const event of events)
        if (event.type === 'CalendarChanged' && event.data.differences.length > 0)
          this.logger.warn({ scheduleId, ...event.data }, 'other zone data made other instants of what was planned');
      return events.length > 0;
    } catch (error) {
      if (!isAway(error)) this.logger.error({ error, scheduleId }, 'a schedule could not follow the calendar');
      return false;
    }
  }
}
