import { CRONER_MAJOR, type Calendar } from '#libs/schedule';

/** What instants are computed by in this process: the zone data is Node's own. */
export const CALENDAR: Calendar = { croner: CRONER_MAJOR, zones: process.versions['tz'] ?? 'unknown' };
