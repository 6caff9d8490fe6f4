import { isIPv4, isIPv6 } from 'node:net';

const LONGEST_URI = 8_192;
const LONGEST_EMAIL = 320;
const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;
const LONGEST_TIME = 64;

// Each of these shapes says at every character how to go on, so none ever goes back to try another way.
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
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
  if (text.length !== 10) return false;
  const [, year, month, day] = DATE.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  return month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** With an offset, as RFC 3339 asks for; the leap second is where UTC has it. */
function isTime(text: string): boolean {
  const found = text.length <= LONGEST_TIME ? TIME.exec(text) : null;
  if (!found) return false;
  const [hour = 0, minute = 0, second = 0] = found.slice(1, 4).map(Number);
  const [offsetHour, offsetMinute] = [Number(found[5] ?? 0), Number(found[6] ?? 0)];
  if (hour > 23 || minute > 59 || offsetHour > 23 || offsetMinute > 59) return false;
  const offset = (offsetHour * 60 + offsetMinute) * (found[4] === '-' ? -1 : 1);
  const minuteOfUtcDay = (hour * 60 + minute - offset + 2_880) % 1_440;
  return second < 60 || (second === 60 && minuteOfUtcDay === 1_439);
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
