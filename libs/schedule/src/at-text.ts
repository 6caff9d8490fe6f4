import { isWritable } from './writable.ts';
import { fixedInstantOf, showingOf, type WallMs } from './wall-time.ts';

const ISO_8601 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/;

/** What a text says about an instant; each refusal has a remedy of its own. */
export type AtReading =
  { readonly kind: 'instant'; readonly atMs: number } | { readonly kind: 'malformed' } | { readonly kind: 'leftOut' };

/**
 * The instant of a text in ISO 8601: with an offset, or as the clocks of the zone show it, then by the rule of fixed
 * times. `leftOut` when the zone left out that date.
 */
export function readAt(text: string, timezone: string): AtReading {
  const parts = ISO_8601.exec(text);
  if (parts === null) return { kind: 'malformed' };
  const [, minute = '', second = ':00', fraction = '.0', offset] = parts;
  const wall = wallOf(minute + second, fraction);
  if (wall === undefined) return { kind: 'malformed' };
  if (offset === undefined) return inZone(wall, timezone);
  const offsetMs = offsetMsOf(offset);
  return offsetMs === undefined ? { kind: 'malformed' } : readingOf(wall - offsetMs);
}

function wallOf(time: string, fraction: string): WallMs | undefined {
  const wall = Date.parse(`${time}${fraction.slice(0, 4)}Z`);
  // Date.parse takes 30 February for 1 March, and 24:00 for the next day.
  return Number.isNaN(wall) || !new Date(wall).toISOString().startsWith(time) ? undefined : wall;
}

function inZone(wall: WallMs, timezone: string): AtReading {
  const atMs = fixedInstantOf(wall, showingOf(wall, timezone));
  return atMs === undefined ? { kind: 'leftOut' } : readingOf(atMs);
}

function readingOf(atMs: number): AtReading {
  return isWritable(atMs) ? { kind: 'instant', atMs } : { kind: 'malformed' };
}

function offsetMsOf(offset: string): number | undefined {
  if (offset === 'Z') return 0;
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
  if (hours > 23 || minutes > 59) return undefined;
  const size = (hours * 60 + minutes) * 60_000;
  return offset.startsWith('-') ? -size : size;
}
