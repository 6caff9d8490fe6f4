import { BoundedCache } from './bounded-cache.ts';

const MAX_NAME_LENGTH = 64;
/** More than there are zones with rules of their own. A format takes some kilobytes and 50 µs to make. */
const MAX_FORMATS = 512;
const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;

/**
 * Abbreviations that ICU takes though IANA has no such zone, each for one of several meanings: AST would be Alaska and
 * BST Dhaka.
 */
const NO_ZONES = new Set(
  'ACT AET AGT ART AST BET BST CAT CNT CST CTT EAT ECT IET IST JST MIT NET NST PLT PNT PRT PST SST VST'.split(' '),
);

const formats = new BoundedCache(
  MAX_FORMATS,
  (timeZone) => new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }),
);

/** Whether this is a name of the IANA time zone database, in any case. An offset such as `+02:00` is none. */
export function isTimeZone(name: string): boolean {
  if (name.length > MAX_NAME_LENGTH || !/^[A-Za-z]/.test(name) || name.startsWith('SystemV/')) return false;
  return !NO_ZONES.has(name.toUpperCase()) && isKnownToIntl(name);
}

function isKnownToIntl(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
    return true;
  } catch {
    return false;
  }
}

/** What the clocks of a zone show at an instant, less the instant; in whole seconds, as Monrovia had -00:44:30 until 1972. */
export function offsetMsAt(timezone: string, atMs: number): number {
  if (timezone === 'UTC') return 0;
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = OFFSET.exec(formats.get(timezone).format(atMs)) ?? [];
  const size = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
  return sign === '-' ? -size : size;
}

/** The first instant with the offset of `toMs`, when it differs from that of `fromMs` and changes once between them. */
export function offsetChangeBetween(timezone: string, fromMs: number, toMs: number): number {
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
