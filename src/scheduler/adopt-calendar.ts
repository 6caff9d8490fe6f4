import { setImmediate as turn } from 'node:timers/promises';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { elapsed } from '#libs/jetstream';
import { isSameCalendar, type CalendarChanged } from '#libs/schedule';
import { ScheduleJournal, ScheduleTable, type ScheduleSummary } from '#libs/scheduler';
import { isAway } from '../platform/away.ts';
import { Logger } from '../platform/logging/logger.ts';
import { CALENDAR } from '../schedules/calendar.ts';

/** Two leaders that both believe they lead and have other zone data each undo what the other did at most this often. */
const LOOK_EVERY_MS = 500;

/**
 * Has schedules planned by the zone data of the process that leads, whichever process planned them last: a leader of before,
 * or one that armed, paused or resumed them meanwhile.
 */
@Injectable()
export class AdoptCalendar implements OnModuleDestroy {
  readonly #ended = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(
    private readonly table: ScheduleTable,
    private readonly journal: ScheduleJournal,
    private readonly logger: Logger,
  ) {}

  /**
   * Comes back when it is not wanted any more, or the process ends.
   * @param isWanted false once this process leads no more
   */
  begin(isWanted: () => boolean): Promise<void> {
    const following = this.#follow(isWanted).finally(() => this.#running.delete(following));
    this.#running.add(following);
    return following;
  }

  async onModuleDestroy(): Promise<void> {
    this.#ended.abort();
    await Promise.all(this.#running);
  }

  async #follow(isWanted: () => boolean): Promise<void> {
    const { signal } = this.#ended;
    const isGoingOn = (): boolean => isWanted() && !signal.aborted;
    const others = new Set<string>();
    const unlisten = this.table.listen((scheduleId) => {
      if (isOfOther(this.table.summaryOf(scheduleId))) others.add(scheduleId);
    });
    for (const summary of this.table.summaries()) if (isOfOther(summary)) others.add(summary.identity.id);
    while (isGoingOn()) {
      await this.#adoptAll(others, isGoingOn);
      await elapsed(LOOK_EVERY_MS, signal);
    }
    unlisten();
  }

  async #adoptAll(others: Set<string>, isGoingOn: () => boolean): Promise<void> {
    let adopted = 0;
    // Not those that come meanwhile, or come again.
    for (const scheduleId of [...others]) {
      if (!isGoingOn()) break;
      await turn();
      others.delete(scheduleId);
      try {
        if (await this.#adopt(scheduleId)) adopted++;
      } catch (error) {
        if (isAway(error)) {
          others.add(scheduleId);
          break;
        }
        this.logger.error({ error, scheduleId }, 'a schedule could not follow the calendar');
      }
    }
    if (adopted > 0)
      this.logger.info({ schedules: adopted, ...CALENDAR }, 'schedules follow the calendar of this process');
  }

  async #adopt(scheduleId: string): Promise<boolean> {
    const known = this.table.find(scheduleId);
    if (!known || isSameCalendar(known.state.calendar, CALENDAR)) return false;
    const { events, known: after } = await this.journal.submit(scheduleId, { type: 'AdoptCalendar' }, { known });
    if (after) this.table.put(scheduleId, after);
    for (const event of events) if (event.type === 'CalendarChanged') this.#tell(scheduleId, event);
    return events.length > 0;
  }

  #tell(scheduleId: string, { data: { from, to, differences } }: CalendarChanged): void {
    const fields = { scheduleId, from, to, differences };
    if (differences.length > 0) this.logger.warn(fields, 'other zone data made other instants of what was planned');
  }
}

function isOfOther(summary: ScheduleSummary | undefined): boolean {
  return summary !== undefined && !isSameCalendar(summary.calendar, CALENDAR);
}
