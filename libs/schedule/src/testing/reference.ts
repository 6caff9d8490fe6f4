// When patterns are due, found without any of the code that is tested: by looking at the clock of the zone at every step of real
// time, one after the other. It knows five fields of numbers, `*`, lists, ranges and steps.

export interface ReferenceSpan {
  readonly timezone: string;
  readonly fromMs: number;
  readonly toMs: number;
}

interface Wall {
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const MOST_READINGS = 200_000;

/** The clock of one zone, which remembers what it showed: patterns are held against the same minutes. */
interface ZoneClock {
  readonly format: Intl.DateTimeFormat;
  readonly readings: Map<number, number>;
}

const clocks = new Map<string, ZoneClock>();

function clockOf(timeZone: string): ZoneClock {
  const units = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
  const clock = clocks.get(timeZone) ?? {
    format: new Intl.DateTimeFormat('en-US', { timeZone, ...units, second: 'numeric', hourCycle: 'h23' }),
    readings: new Map<number, number>(),
  };
  clocks.set(timeZone, clock);
  return clock;
}

/** What the clock shows, as UTC would count it. */
export function shownAt(timezone: string, atMs: number): number {
  const { format, readings } = clockOf(timezone);
  const known = readings.get(atMs);
  if (known !== undefined) return known;
  const parts = /^(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)$/.exec(format.format(atMs));
  const [month = 0, day, year = 0, hour, minute, second] = parts!.slice(1).map(Number);
  const shown = Date.UTC(year, month - 1, day, hour, minute, second);
  if (readings.size >= MOST_READINGS) readings.clear();
  readings.set(atMs, shown);
  return shown;
}

function wallOf(shownMs: number): Wall {
  const date = new Date(shownMs);
  return {
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
  };
}

function matchesField(field: string, value: number, lowest: number): boolean {
  return field.split(',').some((part) => {
    const [range = '', step = '1'] = part.split('/');
    if (range === '*') return (value - lowest) % Number(step) === 0;
    const [from = 0, to = from] = range.split('-').map(Number);
    return value >= from && value <= to && (value - from) % Number(step) === 0;
  });
}

function matches(cron: string, shownMs: number): boolean {
  if (shownMs % MINUTE_MS !== 0) return false;
  const wall = wallOf(shownMs);
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron.split(' ');
  if (!matchesField(minute, wall.minute, 0) || !matchesField(hour, wall.hour, 0)) return false;
  if (!matchesField(month, wall.month, 1)) return false;
  const onDay = matchesField(day, wall.day, 1);
  const onWeekday = matchesField(weekday, new Date(shownMs).getUTCDay(), 0);
  if (day === '*' || weekday === '*') return onDay && onWeekday;
  return onDay || onWeekday;
}

/** Whether the clock jumped over this time, but not over all of its date. */
function isMissed(skipped: number, lastShown: number, shown: number): boolean {
  const midnight = Math.floor(skipped / DAY_MS) * DAY_MS;
  return !(lastShown < midnight && midnight + DAY_MS <= shown);
}

/** Instants from `fromMs` to `toMs`, both inclusive, at which a pattern of five fields is due. */
export function referenceOccurrences(cron: string, { timezone, fromMs, toMs }: ReferenceSpan): number[] {
  const isFixed = /^\d+ \d+ /.test(cron);
  const hasSeconds = [fromMs, toMs].some((atMs) => (shownAt(timezone, atMs) - atMs) % MINUTE_MS !== 0);
  const step = hasSeconds ? 1_000 : MINUTE_MS;
  // A day and more before the span, so that what it repeats has been seen.
  const startMs = Math.floor(fromMs / MINUTE_MS) * MINUTE_MS - (isFixed ? 26 * 3_600_000 : step);
  let lastShown = shownAt(timezone, startMs);
  let latestShown = lastShown;
  const due: number[] = [];
  for (let atMs = startMs + step; atMs <= toMs; atMs += step) {
    const shown = shownAt(timezone, atMs);
    let isDue = matches(cron, shown) && (!isFixed || shown > latestShown);
    if (isFixed) {
      for (let skipped = lastShown + step; skipped < shown && !isDue; skipped += step) {
        isDue = matches(cron, skipped) && isMissed(skipped, lastShown, shown);
      }
    }
    if (isDue && atMs >= fromMs) due.push(atMs);
    lastShown = shown;
    latestShown = Math.max(latestShown, shown);
  }
  return due;
}
