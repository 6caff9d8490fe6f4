import fc from 'fast-check';
import { nextOccurrence, occurrencesBetween } from './index.ts';
import { offsetChangesIn } from './testing/changes.ts';
import { referenceOccurrences, shownAt } from './testing/reference.ts';

const HOUR_MS = 3_600_000;
const SEED = 20_261_128;

/** Zones whose clocks did something that somebody once took for impossible, and the years in which they did. */
const HARD_ZONES: readonly (readonly [timezone: string, fromYear: number, toYear: number])[] = [
  ['America/New_York', 2025, 2026],
  ['Australia/Lord_Howe', 2025, 2026],
  ['America/Santiago', 2025, 2026],
  ['Europe/Dublin', 1971, 1972],
  ['Europe/Dublin', 2025, 2026],
  ['Africa/Casablanca', 2025, 2027],
  ['Africa/Cairo', 2010, 2010],
  ['Africa/Cairo', 2014, 2014],
  ['Asia/Beirut', 2025, 2026],
  ['America/Havana', 2025, 2026],
  ['Antarctica/Troll', 2025, 2026],
  ['Antarctica/Casey', 2009, 2023],
  ['America/Nuuk', 2023, 2026],
  ['Pacific/Apia', 2011, 2012],
  ['Pacific/Kwajalein', 1969, 1969],
  ['Pacific/Kwajalein', 1993, 1993],
  ['Pacific/Kiritimati', 1994, 1995],
  ['Africa/Monrovia', 1972, 1972],
  ['Asia/Pyongyang', 2015, 2018],
  ['Asia/Gaza', 2023, 2026],
  ['Asia/Tehran', 2022, 2022],
  ['America/Toronto', 1946, 1946],
  ['America/Caracas', 2007, 2016],
  ['Asia/Kathmandu', 1985, 1986],
];

/** Pairs of minute and hour that meet every gap and overlap in one way or another. */
const TIMES = [
  '*/15 *',
  '7,37 *',
  '0 */2',
  '30 0-3',
  '0 0',
  '30 0',
  '15 1',
  '30 1',
  '0 2',
  '30 2',
  '0 3',
  '30 23',
  '0 12',
];

function expectSame(cron: string, timezone: string, span: { readonly fromMs: number; readonly toMs: number }): void {
  const expected = referenceOccurrences(cron, { timezone, ...span });
  const rule = { kind: 'cron', cron, timezone } as const;
  const found = [...occurrencesBetween(rule, { afterMs: span.fromMs - 1, upToMs: span.toMs })];
  const shown = (instants: readonly number[]) => instants.map((atMs) => new Date(atMs).toISOString());
  expect({ cron, timezone, due: shown(found) }).toEqual({ cron, timezone, due: shown(expected) });
}

describe('what is due around a change of clocks is what a look at the clock every minute finds', () => {
  it.each(HARD_ZONES)('%s, %i to %i', (timezone, fromYear, toYear) => {
    const changes = offsetChangesIn(timezone, Date.UTC(fromYear, 0, 1), Date.UTC(toYear + 1, 0, 1));
    expect(changes).not.toEqual([]);
    for (const [index, changeMs] of changes.slice(0, 6).entries()) {
      // The days around the first two, and what is near the others.
      const reachMs = (index < 2 ? 26 : 3) * HOUR_MS;
      for (const time of TIMES) {
        expectSame(`${time} * * *`, timezone, { fromMs: changeMs - reachMs, toMs: changeMs + reachMs });
      }
    }
  });

  const minute = fc.oneof(
    fc.constantFrom('*', '*/15', '*/7', '0', '30', '0,59', '10-20', '5-50/9'),
    fc.integer({ min: 0, max: 59 }).map(String),
  );
  const hour = fc.constantFrom('*', '*/2', '*/5', '0', '1', '2', '3', '23', '0-3', '1,2', '22-23', '0-23/3');
  const day = fc.constantFrom('*', '*', '1-31/2', '*/3', '28-31', '1');
  const weekday = fc.constantFrom('*', '*', '0', '6', '1-5', '0,6');

  it('in any zone and year, for any pattern, from any instant', () => {
    const property = fc.property(
      fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
      fc.integer({ min: 1970, max: 2037 }),
      fc.tuple(minute, hour, day, weekday),
      fc.record({
        change: fc.nat(),
        nearChange: fc.boolean(),
        shiftMs: fc.integer({ min: -100 * 60_000, max: 100 * 60_000 }),
      }),
      (timezone, year, [minutes, hours, days, weekdays], { change, nearChange, shiftMs }) => {
        const changes = offsetChangesIn(timezone, Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1));
        const aroundMs = changes[change % Math.max(1, changes.length)] ?? Date.UTC(year, 5, 1);
        const near = new Date(shownAt(timezone, aroundMs - 1_000) + shiftMs);
        const time = nearChange ? `${near.getUTCMinutes()} ${near.getUTCHours()}` : `${minutes} ${hours}`;
        const cron = `${time} ${days} * ${weekdays}`;
        expectSame(cron, timezone, { fromMs: aroundMs - 3 * HOUR_MS, toMs: aroundMs + 3 * HOUR_MS });
        const afterMs = aroundMs + shiftMs;
        const [next] = referenceOccurrences(cron, { timezone, fromMs: afterMs + 1, toMs: aroundMs + 3 * HOUR_MS });
        const found = nextOccurrence({ kind: 'cron', cron, timezone }, afterMs);
        if (next === undefined) expect(found ?? Infinity).toBeGreaterThan(aroundMs + 3 * HOUR_MS);
        else expect(found).toBe(next);
      },
    );
    fc.assert(property, { seed: SEED, numRuns: 300, interruptAfterTimeLimit: 10_000 });
  });
});
