import { createRequire } from 'node:module';
import { CRONER_MAJOR, isTimeZone, ruleOf, ruleProblems, type RuleConfig } from './index.ts';

const told = (config: RuleConfig) => ruleProblems(config).map(({ path, message }) => `${path}: ${message}`);

describe('a rule', () => {
  it.each<RuleConfig>([
    { cron: '*/15 9-17 * * MON-FRI' },
    { cron: '  0 0  1 1 *  ' },
    { cron: '0 0 29 2 +MON' },
    { cron: '@Hourly', timezone: 'Pacific/Apia' },
    { cron: '0 0 12 L,15 * *', timezone: 'America/New_York' },
    { everyMs: 1_000 },
    { everyMs: 31_622_400_000 },
    { at: '2026-12-24T18:00Z' },
    { at: '2026-12-24T18:00:00.123456789-03:30', timezone: 'Europe/Berlin' },
    { at: '1999-12-31T23:59:59' },
  ])('may be %j', (config) => {
    expect(told(config)).toEqual([]);
  });

  it.each<[RuleConfig, readonly string[]]>([
    [{}, ['cron: say when it is due, by one of cron, everyMs and at']],
    [{ timezone: 'UTC' }, ['cron: say when it is due, by one of cron, everyMs and at']],
    [
      { cron: '@daily', everyMs: 5_000, at: '2026-12-24T18:00Z' },
      ["everyMs: can't stand beside cron: leave one of them out", "at: can't stand beside cron: leave one of them out"],
    ],
    [{ everyMs: 999 }, ['everyMs: must be a whole number from 1000 (a second) to 31622400000 (366 days)']],
    [
      { everyMs: 5_000, timezone: 'Europe/Berlin' },
      ['timezone: has no effect on everyMs, which counts real time: leave it out, or use cron'],
    ],
    [
      { at: '2026-02-30T12:00:00Z' },
      [
        'at: must be a time such as 2026-12-24T18:00:00Z, 2026-12-24T18:00:00+01:00, or 2026-12-24T18:00:00 in timezone',
      ],
    ],
    [
      { at: '2011-12-30T12:00', timezone: 'Pacific/Apia' },
      ['at: is a date that Pacific/Apia left out: choose the one before or after it'],
    ],
    [
      { cron: '@daily', timezone: '+02:00' },
      [
        'timezone: is an offset, which knows no summer time: name a zone such as Europe/Berlin, or UTC and the hour meant in it',
      ],
    ],
    [
      { cron: '@daily', timezone: 'BST' },
      ['timezone: is no time zone: name one of the IANA database such as Europe/Berlin, America/New_York or UTC'],
    ],
  ])('is refused with its remedy: %j', (config, problems) => {
    expect(told(config)).toEqual(problems);
  });

  it.each<[string, string]>([
    ['', 'has 0 fields: write five (minute, hour, day of month, month, day of week), or six with the second first'],
    ['* * * *', 'has 4 fields: '],
    ['* * * * * * *', 'has 7 fields: '],
    ['0 0 0 1 1 * 2027', 'has 7 fields: '],
    ['@reboot', 'is none of the nicknames @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly'],
    ['@every 5m', 'is none of the nicknames '],
    ['60 * * * *', '"60" is no minute: it takes 0 to 59; * for any, lists 1,2, ranges 1-5, steps */5'],
    ['60 * * * * *', '"60" is no second: it takes 0 to 59; '],
    ['0 24 * * *', '"24" is no hour: it takes 0 to 23; '],
    ['0 0 32 * *', '"32" is no day of month: it takes 1 to 31, '],
    ['0 0 0 * *', '"0" is no day of month: '],
    ['0 0 * 13 *', '"13" is no month: it takes 1 to 12 or JAN to DEC; '],
    ['0 0 * * 8', '"8" is no day of week: it takes 0 to 7 or SUN to SAT, '],
    ['0 0 * * MON#6', '"MON#6" is no day of week: '],
    ['5/15 * * * *', '"5/15" is no minute: '],
    ['*/0 * * * *', '"*/0" is no minute: '],
    ['30-10 * * * *', '"30-10" is no minute: '],
    ['0 0 * * MOONDAY', '"MOONDAY" is no day of week: '],
    ['1,,2 * * * *', '"1,,2" is no minute: '],
    ['0 0 15W-20 * *', '"15W-20" is no day of month: '],
    ['0 0 30 2 *', 'never fires: there is no such date'],
    ['0 0 31 2,4,6,9,11 *', 'never fires: there is no such date'],
    ['0 0 1W 2 +SAT', 'never fires: there is no such date'],
    ['*'.repeat(257), 'must have at most 256 characters'],
  ])('has no pattern %s', (cron, problem) => {
    expect(told({ cron })).toEqual([expect.stringContaining(`cron: ${problem}`)]);
  });

  it('is refused when all its times are left out by the clocks', () => {
    const cron = '*/10 2 * 3 +0#2';
    expect(told({ cron, timezone: 'America/New_York' })).toEqual([
      'cron: never fires: all its times are left out by the clocks of America/New_York when they go forward',
    ]);
    expect(told({ cron, timezone: 'Europe/Berlin' })).toEqual([]);
  });
});

describe('the rule of a config', () => {
  it.each<[RuleConfig, object]>([
    [{ cron: '@daily' }, { kind: 'cron', cron: '@daily', timezone: 'UTC' }],
    [
      { cron: '@daily', timezone: 'Asia/Tokyo' },
      { kind: 'cron', cron: '@daily', timezone: 'Asia/Tokyo' },
    ],
    [{ everyMs: 60_000 }, { kind: 'every', everyMs: 60_000 }],
    [{ at: '2026-12-24T18:00:00+01:00' }, { kind: 'at', at: '2026-12-24T17:00:00.000Z' }],
    [{ at: '2026-12-24T18:00:00.25' }, { kind: 'at', at: '2026-12-24T18:00:00.250Z' }],
    [
      { at: '2026-12-24T18:00', timezone: 'Asia/Kolkata' },
      { kind: 'at', at: '2026-12-24T12:30:00.000Z' },
    ],
  ])('%j', (config, rule) => {
    expect(ruleOf(config)).toEqual(rule);
  });

  it.each([
    ['in a gap the first instant after it', '2026-03-08T02:30', '2026-03-08T07:00:00.000Z'],
    ['in an overlap the first pass', '2025-11-02T01:30', '2025-11-02T05:30:00.000Z'],
    ['unless an offset says which', '2025-11-02T01:30-05:00', '2025-11-02T06:30:00.000Z'],
  ])('is %s', (_name, at, instant) => {
    expect(ruleOf({ at, timezone: 'America/New_York' })).toEqual({ kind: 'at', at: instant });
  });

  it('that has problems is a fault of the caller', () => {
    expect(() => ruleOf({})).toThrow('a config that has problems was taken for a rule');
  });
});

describe('a time zone', () => {
  it.each(['UTC', 'Europe/Berlin', 'europe/berlin', 'US/Pacific', 'Etc/GMT+5', 'EST5EDT', 'America/Argentina/Ushuaia'])(
    '%s',
    (name) => {
      expect(isTimeZone(name)).toBe(true);
    },
  );

  // ICU has the abbreviations, each for one of their meanings.
  it.each([
    '',
    '+02:00',
    'UTC+2',
    'Z',
    'local',
    'Mars/Olympus',
    'PST',
    'BST',
    'IST',
    'ast',
    'SystemV/PST8',
    'A'.repeat(65),
  ])('is not %j', (name) => {
    expect(isTimeZone(name)).toBe(false);
  });
});

describe('the version of croner', () => {
  it('is the one that is installed', () => {
    const croner = createRequire(import.meta.url)('croner/package.json') as { readonly version: string };
    expect(croner.version.split('.')[0]).toBe(CRONER_MAJOR);
  });
});
