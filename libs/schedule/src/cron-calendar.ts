import { CronDate, CronPattern } from 'croner';
import { BoundedCache } from './bounded-cache.ts';
import type { WallMs } from './wall-time.ts';

/** The major version of croner: another one may find other instants, so it is recorded with what was computed. */
export const CRONER_MAJOR = '11';

/** A pattern on the calendar alone: no zone, each wall time once. */
export interface CronCalendar {
  /** One value in minute and in hour: such a time is meant once a day, whatever the clocks do. */
  readonly isFixed: boolean;
  /** The first matching wall time after this one; undefined when there is none before the year 3000. */
  nextWall(after: WallMs): WallMs | undefined;
}

/** A calendar takes about 3 kB, and some 20 µs to make. */
const MAX_CALENDARS = 4_096;
const UTC_OFFSET = 0;
const ONE_VALUE = /^\d+$/;

const calendars = new BoundedCache(MAX_CALENDARS, createCalendar);

/** Throws what croner throws for a pattern that is none. */
export function calendarOf(cron: string): CronCalendar {
  return calendars.get(cron);
}

/** Five fields, or six with seconds first; a nickname is what it stands for. */
export function fieldsOf(cron: string): readonly string[] {
  return cron.trim().split(/\s+/);
}

/** croner's own reading of a pattern; throws a text of its own for what is none. */
export function parsePattern(cron: string): CronPattern {
  return new CronPattern(cron, undefined, { mode: '5-or-6-parts' });
}

function createCalendar(cron: string): CronCalendar {
  const pattern = parsePattern(cron);
  // Ten thousand years of ones, 80 kB a pattern, that are never read where no year was asked for.
  pattern.year = [];
  const [minute = '', hour = ''] = fieldsOf(pattern.pattern).slice(-5);
  return {
    isFixed: ONE_VALUE.test(minute) && ONE_VALUE.test(hour),
    nextWall: (after) =>
      new CronDate(new Date(after), UTC_OFFSET).increment(pattern, {}, false)?.getDate(false).getTime(),
  };
}
