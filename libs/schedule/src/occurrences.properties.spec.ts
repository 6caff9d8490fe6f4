import fc from 'fast-check';
import { latestOccurrences, nextOccurrence, occurrencesBetween, ruleProblems, type ScheduleRule } from './index.ts';

const SEED = 20_261_128;
const YEAR_MS = 366 * 86_400_000;
const NOW = Date.UTC(2026, 10, 28);
const MOST = 300;

const instant = fc.integer({ min: NOW - 50 * YEAR_MS, max: NOW + 50 * YEAR_MS });
const timezone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
const oneOf = (lowest: number, highest: number, ...others: readonly string[]) =>
  fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom('*', ...others) },
    fc.integer({ min: lowest, max: highest }).map(String),
    fc.integer({ min: 2, max: highest }).map((step) => `*/${step}`),
    fc
      .tuple(fc.integer({ min: lowest, max: highest }), fc.integer({ min: lowest, max: highest }))
      .map(([one, other]) => `${Math.min(one, other)}-${Math.max(one, other)}`),
  );

const cron: fc.Arbitrary<ScheduleRule> = fc
  .tuple(
    fc.option(oneOf(0, 59), { nil: undefined }),
    oneOf(0, 59),
    oneOf(0, 23),
    oneOf(1, 31, 'L', 'LW', '15W', '1W'),
    oneOf(1, 12, 'JAN', 'FEB'),
    oneOf(0, 7, 'MON-FRI', '5L', 'TUE#2', '+1'),
    timezone,
  )
  .map(([second, minute, hour, day, month, weekday, zone]): ScheduleRule => {
    const fields = [...(second === undefined ? [] : [second]), minute, hour, day, month, weekday];
    return { kind: 'cron', cron: fields.join(' '), timezone: zone };
  })
  .filter((rule) => rule.kind !== 'cron' || ruleProblems(rule).length === 0);
const every = fc.integer({ min: 1_000, max: YEAR_MS }).map((everyMs): ScheduleRule => ({ kind: 'every', everyMs }));
const once = instant.map((atMs): ScheduleRule => ({ kind: 'at', at: new Date(atMs).toISOString() }));
const rule = fc.oneof({ weight: 6, arbitrary: cron }, every, once);
/** From a second to a year. */
const length = fc.integer({ min: 0, max: 25 }).map((exponent) => 1_000 * 2 ** exponent);

describe('of any rule', () => {
  it('the next instant is after, and the same from anywhere before it', () => {
    const property = fc.property(rule, instant, fc.double({ min: 0, max: 1, noNaN: true }), (one, afterMs, share) => {
      const next = nextOccurrence(one, afterMs);
      if (next === undefined) return;
      expect(next).toBeGreaterThan(afterMs);
      const between = afterMs + Math.floor(share * (next - 1 - afterMs));
      expect(nextOccurrence(one, between)).toBe(next);
    });
    fc.assert(property, { seed: SEED, numRuns: 500 });
  });

  it('what is due in a span is one next after another, ascending, to its end', () => {
    const property = fc.property(rule, instant, length, (one, afterMs, lengthMs) => {
      const upToMs = afterMs + lengthMs;
      let last = afterMs;
      for (const atMs of firstOf(occurrencesBetween(one, { afterMs, upToMs }))) {
        expect(atMs).toBe(nextOccurrence(one, last));
        expect(atMs).toBeGreaterThan(last);
        expect(atMs).toBeLessThanOrEqual(upToMs);
        last = atMs;
      }
    });
    fc.assert(property, { seed: SEED, numRuns: 300 });
  });

  it('the latest of a span are its tail', () => {
    const property = fc.property(
      rule,
      instant,
      length,
      fc.integer({ min: 0, max: 40 }),
      (one, afterMs, lengthMs, count) => {
        const span = { afterMs, upToMs: afterMs + Math.min(lengthMs, lengthMs / 1_000 + 3_600_000) };
        const all = [...occurrencesBetween(one, span)];
        expect(latestOccurrences(one, span, count)).toEqual(count === 0 ? [] : all.slice(-count));
      },
    );
    fc.assert(property, { seed: SEED, numRuns: 200 });
  });
});

function* firstOf(instants: Iterable<number>): Generator<number> {
  let count = 0;
  for (const atMs of instants) {
    if (count++ === MOST) return;
    yield atMs;
  }
}
