import { Injectable } from '@nestjs/common';
import { setImmediate as turn } from 'node:timers/promises';
import type { Calendar, CalendarChanged } from '#libs/schedule';
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
    if (!known || isOfThisProcess(known.state.calendar)) return false;
    await turn();
    try {
      const { events, known: after } = await this.journal.submit(scheduleId, { type: 'AdoptCalendar' }, { known });
      if (after) this.table.put(scheduleId, after);
      for (const event of events) if (event.type === 'CalendarChanged') this.#tell(scheduleId, event);
      return events.length > 0;
    } catch (error) {
      if (!isAway(error)) this.logger.error({ error, scheduleId }, 'a schedule could not follow the calendar');
      return false;
    }
  }

  #tell(scheduleId: string, { data: { from, to, differences } }: CalendarChanged): void {
    const fields = { scheduleId, from, to, differences };
    if (differences.length > 0) this.logger.warn(fields, 'other zone data made other instants of what was planned');
  }
}

function isOfThisProcess({ croner, zones }: Calendar): boolean {
  return croner === CALENDAR.croner && zones === CALENDAR.zones;
}
