import { fieldsOf, parsePattern } from './cron-calendar.ts';
import { nextOfCron } from './cron-occurrences.ts';
import { DEFAULT_TIMEZONE, type RuleConfig } from './rule.ts';
import { isTimeZone } from './time-zone.ts';

export const LONGEST_CRON = 256;

const NICKNAMES = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/** What each field takes beside `*`, lists, ranges and steps. */
const FIELDS = [
  { name: 'second', takes: '0 to 59' },
  { name: 'minute', takes: '0 to 59' },
  { name: 'hour', takes: '0 to 23' },
  {
    name: 'day of month',
    takes: '1 to 31, L for the last day, LW for the last weekday, 15W for the weekday nearest to the 15th',
  },
  { name: 'month', takes: '1 to 12 or JAN to DEC' },
  {
    name: 'day of week',
    takes: '0 to 7 or SUN to SAT, 5L for the last Friday, 5#2 for the second, + before it for AND',
  },
];

/** croner looks 400 years ahead, after which calendars repeat, and not beyond the year 3000. */
const FOUR_CENTURIES_FROM = Date.UTC(2599, 11, 31);

/** What is wrong with the pattern of a config, if there is one; undefined when nothing is. */
export function cronProblem({ cron, timezone = DEFAULT_TIMEZONE }: RuleConfig): string | undefined {
  if (cron === undefined) return undefined;
  if (cron.length > LONGEST_CRON) return `must have at most ${LONGEST_CRON} characters`;
  return shapeProblem(cron) ?? fieldProblem(cron) ?? neverProblem(cron, isTimeZone(timezone) ? timezone : 'UTC');
}

function shapeProblem(cron: string): string | undefined {
  const fields = fieldsOf(cron);
  const [first = ''] = fields;
  if (first.startsWith('@')) {
    return NICKNAMES.includes(cron.trim().toLowerCase())
      ? undefined
      : `is none of the nicknames ${NICKNAMES.join(', ')}`;
  }
  const count = first === '' ? 0 : fields.length;
  if (count === 5 || count === 6) return undefined;
  return `has ${count} fields: write five (minute, hour, day of month, month, day of week), or six with the second first`;
}

/** croner tells some numbers as it counts them, from 0; so its texts are not repeated, but each field is tried on its own. */
function fieldProblem(cron: string): string | undefined {
  if (isPattern(cron)) return undefined;
  const fields = fieldsOf(cron);
  const unused = FIELDS.length - fields.length;
  for (const [index, { name, takes }] of FIELDS.slice(unused).entries()) {
    const field = fields[index] ?? '';
    const alone = FIELDS.map((_, place) => (place === index + unused ? field : '*')).join(' ');
    if (!isPattern(alone))
      return `"${field}" is no ${name}: it takes ${takes}; * for any, lists 1,2, ranges 1-5, steps */5`;
  }
  return 'is no cron pattern';
}

function isPattern(cron: string): boolean {
  try {
    parsePattern(cron);
    return true;
  } catch {
    return false;
  }
}

function neverProblem(cron: string, timezone: string): string | undefined {
  if (nextOfCron({ cron, timezone }, FOUR_CENTURIES_FROM) !== undefined) return undefined;
  const isOnCalendar = nextOfCron({ cron, timezone: 'UTC' }, FOUR_CENTURIES_FROM) !== undefined;
  return isOnCalendar
    ? `never fires: all its times are left out by the clocks of ${timezone} when they go forward`
    : 'never fires: there is no such date';
}
