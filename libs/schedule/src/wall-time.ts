import { offsetChangeBetween, offsetMsAt } from './time-zone.ts';

/**
 * What a clock on the wall shows: the milliseconds since 1970 that UTC would have when its clocks show the same. So walls are
 * computed with as instants are, and are none.
 */
export type WallMs = number;

/** When the clocks of a zone show a wall time. Ends of gaps and overlaps are exclusive. */
export type Showing =
  | { readonly kind: 'once'; readonly atMs: number }
  | { readonly kind: 'twice'; readonly firstMs: number; readonly secondMs: number; readonly overlapEnd: WallMs }
  | { readonly kind: 'never'; readonly gapStart: WallMs; readonly gapEnd: WallMs; readonly afterGapMs: number };

export const DAY_MS = 86_400_000;
/**
 * No zone was ever further from UTC than 16 hours, and none changed twice within four days. So what lies between an instant that
 * many hours before a wall time and one that many after it is one change at most.
 */
const FURTHEST_MS = 16 * 3_600_000;

export function wallAt(timezone: string, atMs: number): WallMs {
  return atMs + offsetMsAt(timezone, atMs);
}

export function showingOf(wall: WallMs, timezone: string): Showing {
  const before = offsetMsAt(timezone, wall - FURTHEST_MS);
  const after = offsetMsAt(timezone, wall + FURTHEST_MS);
  if (before === after) return { kind: 'once', atMs: wall - before };
  const changeMs = offsetChangeBetween(timezone, wall - FURTHEST_MS, wall + FURTHEST_MS);
  const isBefore = wall - before < changeMs;
  const isAfter = wall - after >= changeMs;
  if (isBefore && isAfter) {
    return { kind: 'twice', firstMs: wall - before, secondMs: wall - after, overlapEnd: changeMs + before };
  }
  if (!isBefore && !isAfter) {
    return { kind: 'never', gapStart: changeMs + before, gapEnd: changeMs + after, afterGapMs: changeMs };
  }
  return { kind: 'once', atMs: wall - (isBefore ? before : after) };
}

/**
 * When something fixed to a wall time happens: in the first pass of an overlap, and instead of in a gap at the first instant after
 * it. Undefined when the zone left out the whole date, as Samoa did with 30 December 2011: then nothing of that date happens.
 */
export function fixedInstantOf(wall: WallMs, showing: Showing): number | undefined {
  if (showing.kind === 'once') return showing.atMs;
  if (showing.kind === 'twice') return showing.firstMs;
  const midnight = Math.floor(wall / DAY_MS) * DAY_MS;
  const leavesOutDate = showing.gapStart <= midnight && midnight + DAY_MS <= showing.gapEnd;
  return leavesOutDate ? undefined : showing.afterGapMs;
}
