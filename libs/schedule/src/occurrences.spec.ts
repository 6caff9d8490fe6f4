import { latestOccurrences, nextOccurrence, occurrencesBetween, type ScheduleRule } from './index.ts';
import { OCCURRENCE_CASES } from './testing/occurrence-cases.ts';

const cronRule = (cron: string, timezone = 'UTC'): ScheduleRule => ({ kind: 'cron', cron, timezone });
const at = (text: string): number => Date.parse(text);
const text = (atMs: number | undefined): string | undefined =>
  atMs === undefined ? undefined : new Date(atMs).toISOString().replace('.000Z', 'Z');

/** Instants from `from`, inclusive, to `to`, exclusive. */
const dueIn = (rule: ScheduleRule, from: string, to: string) =>
  [...occurrencesBetween(rule, { afterMs: at(from) - 1, upToMs: at(to) - 1 })].map(text);

describe('a cron pattern in a zone', () => {
  it.each(OCCURRENCE_CASES)('$timezone $cron: $why', ({ cron, timezone, from, to, due }) => {
    expect(dueIn(cronRule(cron, timezone), from, to)).toEqual(due);
  });

  it('of a zone that this process does not know is never due here', () => {
    expect(nextOccurrence(cronRule('@daily', 'Mars/Olympus'), 0)).toBeUndefined();
  });

  it('is found strictly after an instant, to the millisecond', () => {
    const noon = cronRule('0 12 * * *');
    expect(text(nextOccurrence(noon, at('2026-11-28T11:59:59.999Z')))).toBe('2026-11-28T12:00:00Z');
    expect(text(nextOccurrence(noon, at('2026-11-28T12:00:00Z')))).toBe('2026-11-29T12:00:00Z');
    expect(text(nextOccurrence(noon, at('2026-11-28T12:00:00.001Z')))).toBe('2026-11-29T12:00:00Z');
  });

  it('that is fixed is not due again from within the second pass', () => {
    const rule = cronRule('30 1 * * *', 'America/New_York');
    expect(text(nextOccurrence(rule, at('2025-11-02T06:10:00Z')))).toBe('2025-11-03T06:30:00Z');
    expect(text(nextOccurrence(rule, at('2025-11-02T05:29:59Z')))).toBe('2025-11-02T05:30:00Z');
  });

  it('that only ever falls into the gap is due never', () => {
    const rule = cronRule('*/10 2 * 3 +0#2', 'America/New_York');
    expect(nextOccurrence(rule, at('2026-01-01T00:00:00Z'))).toBeUndefined();
  });

  it('finds 29 February on a Monday', () => {
    const rule = cronRule('0 0 29 2 +MON', 'Europe/Berlin');
    expect(text(nextOccurrence(rule, at('2026-11-28T00:00:00Z')))).toBe('2044-02-28T23:00:00Z');
  });
});

describe('a pattern', () => {
  it.each([
    ['L: the last day', '0 0 L * *', ['2026-01-31', '2026-02-28', '2026-03-31']],
    ['LW: the last weekday', '0 0 LW * *', ['2026-01-30', '2026-02-27', '2026-03-31']],
    ['15W: the weekday nearest to the 15th', '0 0 15W * *', ['2026-01-15', '2026-02-16', '2026-03-16']],
    ['5L: the last Friday', '0 0 * * 5L', ['2026-01-30', '2026-02-27', '2026-03-27']],
    ['TUE#2: the second Tuesday', '0 0 * * TUE#2', ['2026-01-13', '2026-02-10', '2026-03-10']],
    ['day or weekday', '0 0 13 1 FRI#1', ['2026-01-02', '2026-01-13', '2027-01-01']],
    ['day and weekday', '0 0 13 * +FRI', ['2026-02-13', '2026-03-13', '2026-11-13']],
    ['names', '0 0 1 JAN-MAR *', ['2026-02-01', '2026-03-01', '2027-01-01']],
    ['steps of a range', '0 0 2-8/3 1 *', ['2026-01-02', '2026-01-05', '2026-01-08']],
    ['lists', '0 0 3,20 1 *', ['2026-01-03', '2026-01-20', '2027-01-03']],
    ['7 is Sunday', '0 0 * * 7', ['2026-01-04', '2026-01-11', '2026-01-18']],
    ['? is *', '0 0 ? 1 MON', ['2026-01-05', '2026-01-12', '2026-01-19']],
    ['@yearly', '@yearly', ['2027-01-01', '2028-01-01', '2029-01-01']],
    ['@annually', '@annually', ['2027-01-01', '2028-01-01', '2029-01-01']],
    ['@monthly', '@monthly', ['2026-02-01', '2026-03-01', '2026-04-01']],
    ['@weekly', '@weekly', ['2026-01-04', '2026-01-11', '2026-01-18']],
    ['@daily', '@Daily', ['2026-01-02', '2026-01-03', '2026-01-04']],
    ['@midnight', '@midnight', ['2026-01-02', '2026-01-03', '2026-01-04']],
  ])('%s', (_name, cron, dates) => {
    const due = occurrencesBetween(cronRule(cron), {
      afterMs: at('2026-01-01T00:00Z'),
      upToMs: at('2040-01-01T00:00Z'),
    });
    expect([...due].slice(0, 3).map(text)).toEqual(dates.map((date) => `${date}T00:00:00Z`));
  });

  it.each([
    ['@hourly', ['00:00:00', '01:00:00', '02:00:00']],
    ['15,45 30 6 * * *', ['06:30:15', '06:30:45']],
    ['0-10/5 0 0 * * *', ['00:00:00', '00:00:05', '00:00:10']],
  ])('%s counts hours, minutes and seconds', (cron, times) => {
    const due = dueIn(cronRule(cron), '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z');
    expect(due.slice(0, 3)).toEqual(times.map((time) => `2026-01-01T${time}Z`));
  });
});

describe('every so many milliseconds', () => {
  it('is due at the multiples since 1970', () => {
    const rule: ScheduleRule = { kind: 'every', everyMs: 90_000 };
    expect(dueIn(rule, '2026-11-28T10:00:00Z', '2026-11-28T10:04:31Z')).toEqual([
      '2026-11-28T10:00:00Z',
      '2026-11-28T10:01:30Z',
      '2026-11-28T10:03:00Z',
      '2026-11-28T10:04:30Z',
    ]);
  });
});

describe('at an instant', () => {
  const rule: ScheduleRule = { kind: 'at', at: '2026-12-24T18:00:00.500Z' };

  it('is due once', () => {
    const afterMs = at('2026-12-24T18:00:00.499Z');
    expect(nextOccurrence(rule, afterMs)).toBe(afterMs + 1);
    expect(nextOccurrence(rule, afterMs + 1)).toBeUndefined();
    expect([...occurrencesBetween(rule, { afterMs, upToMs: afterMs })]).toEqual([]);
    expect([...occurrencesBetween(rule, { afterMs, upToMs: afterMs + 1 })]).toEqual([afterMs + 1]);
  });
});

describe('the latest of a span', () => {
  const month = { afterMs: at('2026-10-28T00:00:00Z'), upToMs: at('2026-11-28T00:00:00Z') };

  it('are found without walking through the span', () => {
    const latest = latestOccurrences(cronRule('* * * * * *', 'Europe/Berlin'), month, 3);
    expect(latest.map(text)).toEqual(['2026-11-27T23:59:58Z', '2026-11-27T23:59:59Z', '2026-11-28T00:00:00Z']);
  });

  it('are found where nothing was due for long, and then every second', () => {
    const latest = latestOccurrences(cronRule('* * * 1 11 *'), month, 2);
    expect(latest.map(text)).toEqual(['2026-11-01T23:59:58Z', '2026-11-01T23:59:59Z']);
  });

  it('are all when there are fewer', () => {
    expect(latestOccurrences(cronRule('0 0 1,15 * *'), month, 1_000).map(text)).toEqual([
      '2026-11-01T00:00:00Z',
      '2026-11-15T00:00:00Z',
    ]);
    expect(latestOccurrences(cronRule('@daily'), month, 0)).toEqual([]);
    expect(latestOccurrences({ kind: 'at', at: '2026-11-05T10:00:00.500Z' }, month, 5).map(text)).toEqual([
      '2026-11-05T10:00:00.500Z',
    ]);
  });
});
