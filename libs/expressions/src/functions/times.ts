import { DateTime } from 'luxon';
import { Fault } from '../fault.ts';
import { durationOf, timestampAt } from '../operators.ts';
import type { Run } from '../run.ts';
import type { Duration, Timestamp } from '../value.ts';
import { checkDateFormat } from './date-format.ts';
import { overload, type FunctionTable, type Literals, type Overload } from './registry.ts';
import { zoneOf } from './zones.ts';

const RFC_3339 = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/;
const DURATION = /^([+-]?)((?:\d{1,15}(?:\.\d{1,9})?(?:h|ms|m|s|us|ns))+)$/;
const DURATION_PART = /(\d+(?:\.\d+)?)(h|ms|m|s|us|ns)/g;
const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1, us: 1e-3, ns: 1e-6 };
/** Reading a clock of a zone costs microseconds. */
const ZONED_STEPS = 50;
/** Asking for a zone first costs up to 250 µs, an unknown one too. */
const NEW_ZONE_STEPS = 2_000;
const STEPS_PER_FORMAT_UNIT = 10;

export const TIME_FUNCTIONS: FunctionTable = {
  timestamp: [
    overload(['string'], (_run, text) => parseTimestamp(text), checkLiteral(parseTimestamp)),
    overload(['whole'], (_run, seconds) => timestampAt(seconds * 1000)),
    overload(['timestamp'], (_run, timestamp) => timestamp),
  ],
  duration: [
    overload(['string'], (_run, text) => parseDuration(text), checkLiteral(parseDuration)),
    overload(['duration'], (_run, duration) => duration),
  ],
  'date.format': [
    overload(['timestamp', 'string'], (run, at, format) => formatDate(run, at, format, 'UTC'), checkFormat),
    overload(['timestamp', 'string', 'string'], formatDate, checkFormat),
    overload(
      ['string', 'string'],
      (run, at, format) => formatDate(run, parseTimestamp(at), format, 'UTC'),
      checkFormat,
    ),
    overload(
      ['string', 'string', 'string'],
      (run, at, format, zone) => formatDate(run, parseTimestamp(at), format, zone),
      checkFormat,
    ),
  ],
};

export const TIME_METHODS: FunctionTable = {
  getFullYear: clock((at) => at.year),
  getMonth: clock((at) => at.month - 1),
  getDate: clock((at) => at.day),
  getDayOfMonth: clock((at) => at.day - 1),
  getDayOfWeek: clock((at) => at.weekday % 7),
  getDayOfYear: clock((at) => at.ordinal - 1),
  getHours: [...clock((at) => at.hour), inUnits(3_600_000)],
  getMinutes: [...clock((at) => at.minute), inUnits(60_000)],
  getSeconds: [...clock((at) => at.second), inUnits(1_000)],
  getMilliseconds: [...clock((at) => at.millisecond), inUnits(1)],
};

/** What a clock shows at a timestamp: in UTC, or in the zone named. Counted as in CEL: months, days of month and year from 0. */
function clock(read: (at: DateTime) => number): readonly Overload[] {
  const show = (run: Run, at: Timestamp, zone: string) => BigInt(read(inZone(run, at, zone)));
  return [overload(['timestamp'], (run, at) => show(run, at, 'UTC')), overload(['timestamp', 'string'], show)];
}

/** A duration as a whole number of units. */
function inUnits(unitMs: number): Overload {
  return overload(['duration'], (_run, { ms }) => BigInt(Math.trunc(ms / unitMs)));
}

function inZone(run: Run, at: Timestamp, zone: string): DateTime {
  run.spend(ZONED_STEPS);
  run.spendOnce(zone, NEW_ZONE_STEPS);
  return DateTime.fromMillis(at.epochMs, { zone: zoneOf(zone), locale: 'en-US' });
}

function formatDate(run: Run, at: Timestamp, format: string, zone: string): string {
  checkDateFormat(format);
  run.spend(format.length * STEPS_PER_FORMAT_UNIT);
  return inZone(run, at, zone).toFormat(format, { locale: 'en-US', numberingSystem: 'latn' });
}

/** A wrong literal is told when the expression is compiled. */
function checkLiteral(parse: (text: string) => unknown): (literals: Literals) => undefined {
  return ([text]) => {
    if (typeof text === 'string') parse(text);
    return undefined;
  };
}

function checkFormat([at, format, zone]: Literals): undefined {
  if (typeof at === 'string') parseTimestamp(at);
  if (typeof format === 'string') checkDateFormat(format);
  if (typeof zone === 'string') zoneOf(zone);
  return undefined;
}

/** Timestamps have milliseconds; further digits are dropped. */
function parseTimestamp(text: string): Timestamp {
  const parts = RFC_3339.exec(text);
  if (parts === null) throw notATimestamp();
  const [, date = '', time = '', fraction = '', offset = 'Z'] = parts;
  const localMs = Date.parse(`${date}T${time}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  // Date.parse takes 30 February for 1 March, and 24:00 for the next day.
  if (Number.isNaN(localMs) || !new Date(localMs).toISOString().startsWith(`${date}T${time}`)) throw notATimestamp();
  return timestampAt(localMs - offsetMsOf(offset));
}

function offsetMsOf(offset: string): number {
  if (offset === 'Z' || offset === 'z') return 0;
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
  if (hours > 23 || minutes > 59) throw notATimestamp();
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function notATimestamp(): Fault {
  return new Fault('the text is no timestamp', 'write it as in 2026-11-23T10:00:00Z or 2026-11-23T10:00:00+01:00');
}

/** Durations have milliseconds; what is finer is dropped. */
function parseDuration(text: string): Duration {
  const match = DURATION.exec(text.slice(0, 200));
  if (match === null || text.length > 200)
    throw new Fault('the text is no duration', 'write it as in 90s, 1h30m or 250ms');
  let ms = 0;
  for (const [, amount, unit] of (match[2] ?? '').matchAll(DURATION_PART))
    ms += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  return durationOf(Math.trunc(match[1] === '-' ? -ms : ms));
}
