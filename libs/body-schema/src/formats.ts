import { isIPv4, isIPv6 } from 'node:net';

const LONGEST_URI = 8_192;
const LONGEST_EMAIL = 320;
const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;
const LONGEST_TIME = 64;
const MINUTES_OF_DAY = 1_440;

// In each of these shapes the next character says how to go on, so that none goes far back to try another way.
const DATE = /^\d{4}-\d\d-\d\d$/;
const TIME = /^([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.\d+)?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const LABEL = /^[a-z0-9-]+$/i;
const ATOM = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+$/i;
const URI = /^[a-z][a-z0-9+.-]*:(?:[a-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9a-f]{2})*$/i;

/** The formats that are checked; any other is an annotation, as the standard says of all. */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDate,
  time: isTime,
  'date-time': isDateTime,
  email: isEmail,
  hostname: isHostname,
  ipv4: isIPv4,
  ipv6: (text) => isIPv6(text) && !text.includes('%'),
  uri: (text) => text.length <= LONGEST_URI && URI.test(text) && URL.canParse(text),
  uuid: (text) => text.length === 36 && UUID.test(text),
};

export const FORMAT_NAMES: readonly string[] = Object.keys(FORMATS);

export function isKnownFormat(name: string): boolean {
  return Object.hasOwn(FORMATS, name);
}

/** For ajv, which knows no format but these. */
export function knownFormats(): Record<string, (text: string) => boolean> {
  return { ...FORMATS };
}

function isDate(text: string): boolean {
  if (text.length !== 10 || !DATE.test(text)) return false;
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return isBetween(month, 1, 12) && isBetween(day, 1, daysOf(year, month));
}

function daysOf(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** With an offset, as RFC 3339 asks for. */
function isTime(text: string): boolean {
  const found = text.length <= LONGEST_TIME ? TIME.exec(text) : null;
  return found !== null && (found[3] !== '60' || isLastMinuteOfDay(found));
}

/** Where UTC has its leap seconds. */
function isLastMinuteOfDay([, hour, minute, , sign, offsetHour, offsetMinute]: readonly (
  string | undefined
)[]): boolean {
  const offset = minutesOf(offsetHour, offsetMinute) * (sign === '-' ? -1 : 1);
  return (minutesOf(hour, minute) - offset + 2 * MINUTES_OF_DAY) % MINUTES_OF_DAY === MINUTES_OF_DAY - 1;
}

function minutesOf(hours = '0', minutes = '0'): number {
  return Number(hours) * 60 + Number(minutes);
}

function isBetween(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

function isDateTime(text: string): boolean {
  return /^[Tt ]$/.test(text.charAt(10)) && isDate(text.slice(0, 10)) && isTime(text.slice(11));
}

function isHostname(text: string): boolean {
  return text.length <= LONGEST_NAME && text.split('.').every(isLabel);
}

function isLabel(text: string): boolean {
  return text.length <= LONGEST_LABEL && LABEL.test(text) && !text.startsWith('-') && !text.endsWith('-');
}

/** `name@host` as people have them: no quoted names and no addresses in brackets. */
function isEmail(text: string): boolean {
  if (text.length > LONGEST_EMAIL) return false;
  const at = text.lastIndexOf('@');
  return (
    at > 0 &&
    text
      .slice(0, at)
      .split('.')
      .every((atom) => ATOM.test(atom)) &&
    isHostname(text.slice(at + 1))
  );
}
