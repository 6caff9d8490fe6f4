// When patterns are due, found without any of the code that is tested: by looking at the clock of the zone at every step of real
// time, one after the other. It knows five fields of numbers, `*`, lists, ranges and steps.

export interface ReferenceSpan {
  readonly timezone: string;
  readonly fromMs: number;
  readonly toMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const STEPS_MS = [MINUTE_MS, 30_000, 1_000];

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

function matchesField(field: string, value: number, lowest: number): boolean {
  return field.split(',').some((part) => {
    const [range = '', step = '1'] = part.split('/');
    if (range === '*') return (value - lowest) % Number(step) === 0;
    const [from = 0, to = from] = range.split('-').map(Number);
    return value >= from && value <= to && (value - from) % Number(step) === 0;
  });
}

function matchesTime(cron: string, shown: Date): boolean {
  const [minute = '', hour = ''] = cron.split(' ');
  return matchesField(minute, shown.getUTCMinutes(), 0) && matchesField(hour, shown.getUTCHours(), 0);
}

function matchesDate(cron: string, shown: Date): boolean {
  const [day = '', month = '', weekday = ''] = cron.split(' ').slice(2);
  const onDay = matchesField(day, shown.getUTCDate(), 1);
  const onWeekday = matchesField(weekday, shown.getUTCDay(), 0);
  const onDate = [day, weekday].includes('*') ? onDay && onWeekday : onDay || onWeekday;
  return onDate && matchesField(month, shown.getUTCMonth() + 1, 1);
}

function matches(cron: string, shownMs: number): boolean {
  const shown = new Date(shownMs);
  return shownMs % MINUTE_MS === 0 && matchesTime(cron, shown) && matchesDate(cron, shown);
}

/** Whether the clock jumped from one time to another over one that is asked for, whose date it has. */
function jumpedOver(
  cron: string,
  jump: { readonly from: number; readonly to: number; readonly step: number },
): boolean {
  for (let skipped = jump.from + jump.step; skipped < jump.to; skipped += jump.step) {
    const midnight = Math.floor(skipped / DAY_MS) * DAY_MS;
    const hasDate = jump.from >= midnight || jump.to < midnight + DAY_MS;
    if (hasDate && matches(cron, skipped)) return true;
  }
  return false;
}

/** Wall times of whole minutes come at whole minutes, or between them where the offset has seconds. */
function stepFor({ timezone, fromMs, toMs }: ReferenceSpan): number {
  const offsets = [fromMs, toMs].map((atMs) => shownAt(timezone, atMs) - Math.floor(atMs / 1_000) * 1_000);
  return STEPS_MS.find((ms) => offsets.every((offset) => offset % ms === 0)) ?? 1_000;
}

/** Instants from `fromMs` to `toMs`, both inclusive, at which a pattern of five fields is due. */
export function referenceOccurrences(cron: string, span: ReferenceSpan): number[] {
  const { timezone, fromMs, toMs } = span;
  const isFixed = /^\d+ \d+ /.test(cron);
  const step = stepFor(span);
  // A day and more before the span, so that what it repeats has been seen.
  const startMs = Math.floor(fromMs / MINUTE_MS) * MINUTE_MS - (isFixed ? 26 * 3_600_000 : step);
  let from = shownAt(timezone, startMs);
  let latest = from;
  const due: number[] = [];
  for (let atMs = startMs + step; atMs <= toMs; atMs += step) {
    const to = shownAt(timezone, atMs);
    const isDue = isFixed
      ? (to > latest && matches(cron, to)) || jumpedOver(cron, { from, to, step })
      : matches(cron, to);
    if (isDue && atMs >= fromMs) due.push(atMs);
    from = to;
    latest = Math.max(latest, to);
  }
  return due;
}
