import { FixedOffsetZone, IANAZone, type Zone } from 'luxon';
import { Fault } from '../fault.ts';

const OFFSET = /^([+-])(\d\d):(\d\d)$/;
const MAX_NAME_LENGTH = 64;
const MAX_KNOWN = 1_000;

/** Looking a zone up costs 50 µs; there are about 600, and each has many spellings. */
const known = new Map<string, Zone>();

/**
 * The zone of an IANA name or an offset such as `+02:00`. Never the machine's: names that luxon resolves by where it runs
 * (`local`, `system`) are unknown here.
 */
export function zoneOf(name: string): Zone {
  const found = known.get(name) ?? lookUp(name);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(name, found);
  return found;
}

function lookUp(name: string): Zone {
  if (name === 'UTC' || name === 'utc' || name === 'Z') return FixedOffsetZone.utcInstance;
  const offset = OFFSET.exec(name);
  if (offset !== null) return fixedZone(offset);
  if (name.length > MAX_NAME_LENGTH || !/^[A-Za-z]/.test(name) || !IANAZone.isValidZone(name)) throw unknownZone();
  // One spelling for each zone, since luxon remembers all that it is asked for.
  const canonical = new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone;
  return IANAZone.create(canonical);
}

function fixedZone([, sign, hours, minutes]: RegExpExecArray): Zone {
  const size = Number(hours) * 60 + Number(minutes);
  if (Number(minutes) > 59 || size > 14 * 60) throw unknownZone();
  return FixedOffsetZone.instance(sign === '-' ? -size : size);
}

function unknownZone(): Fault {
  return new Fault('the time zone is unknown', 'name it as in Europe/Berlin, UTC or +02:00');
}
