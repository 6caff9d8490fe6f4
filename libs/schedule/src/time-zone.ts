import { BoundedCache } from './bounded-cache.ts';

const MAX_NAME_LENGTH = 64;
/** More than there are zones with rules of their own. One takes 70 kB, and 50 µs to make. */
const MAX_CLOCKS = 512;
const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

/**
 * Abbreviations that ICU takes though IANA has no such zone, each for one of several meanings: AST would be Alaska and
 * BST Dhaka.
 */
const NO_ZONES = new Set(
  'ACT AET AGT ART AST BET BST CAT CNT CST CTT EAT ECT IET IST JST MIT NET NST PLT PNT PRT PST SST VST'.split(' '),
);

interface ZoneClock {
  readonly format: Intl.DateTimeFormat;
  /** The change that was sought last: on such a day, all ask for the same. */
  lastChangeMs: number;
}

const clocks = new BoundedCache(MAX_CLOCKS, (timeZone): ZoneClock => ({
  format: new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }),
  lastChangeMs: NaN,
}));

/** Whether this is a name of the IANA time zone database, in any case. An offset such as `+02:00` is none. */
export function isTimeZone(name: string): boolean {
  if (name.length > MAX_NAME_LENGTH || !/^[A-Za-z]/.test(name) || name.startsWith('SystemV/')) return false;
  return !NO_ZONES.has(name.toUpperCase()) && isKnownToIntl(name);
}

function isKnownToIntl(timeZone: string): boolean {
  try {
    clocks.get(timeZone);
    return true;
  } catch {
    return false;
  }
}

/** What the clocks of a zone show at an instant, less the instant; in whole seconds, as Monrovia had -00:44:30 until 1972. */
export function offsetMsAt(timezone: string, atMs: number): number {
  if (timezone === 'UTC') return 0;
  const [, sign, hours = '0', minutes = '0', seconds = '0'] =
    OFFSET.exec(clocks.get(timezone).format.format(atMs)) ?? [];
  const size = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
  return sign === '-' ? -size : size;
}

/** The instant after `fromMs`, up to `toMs`, at which the offset changes, when it does so once. */
export function offsetChangeBetween(timezone: string, fromMs: number, toMs: number): number {
  const clock = clocks.get(timezone);
  const isKnown = fromMs < clock.lastChangeMs && clock.lastChangeMs <= toMs;
  if (!isKnown) clock.lastChangeMs = findOffsetChange(timezone, fromMs, toMs);
  return clock.lastChangeMs;
}

function findOffsetChange(timezone: string, fromMs: number, toMs: number): number {
  const before = offsetMsAt(timezone, fromMs);
  // Zones change at whole seconds.
  let low = Math.floor(fromMs / 1_000);
  let high = Math.floor(toMs / 1_000);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMsAt(timezone, middle * 1_000) === before) low = middle;
    else high = middle;
  }
  return high * 1_000;
}
