import { calendarOf, type CronCalendar } from './cron-calendar.ts';
import { isTimeZone, offsetChangeBetween, offsetMsAt } from './time-zone.ts';
import { DAY_MS, fixedInstantOf, showingOf, wallAt, type Showing, type WallMs } from './wall-time.ts';

interface CronRule {
  readonly cron: string;
  readonly timezone: string;
}

/** What is sought: the wall times of a calendar, read on the clocks of a zone, after an instant. */
interface Search {
  readonly calendar: CronCalendar;
  readonly timezone: string;
  readonly afterMs: number;
}

/** No overlap was ever longer. */
const LONGEST_OVERLAP_MS = DAY_MS;

/**
 * A pattern that falls into gap after gap, year after year, follows the rule by which its zone leaves out that hour, as
 * `10-59/10 2 * 3 0#2` does in New York. Who looked this often has looked decades ahead.
 */
const MOST_GAPS = 24;

/** The first instant after `afterMs` at which the clocks of the zone show what the pattern asks for. */
export function nextOfCron({ cron, timezone }: CronRule, afterMs: number): number | undefined {
  // A zone that went from the zone data, or is not in it yet: whoever knows it computes the slots.
  if (!isTimeZone(timezone)) return undefined;
  const calendar = calendarOf(cron);
  const search = { calendar, timezone, afterMs };
  return calendar.isFixed ? nextOfWalls(search, fixedAfter) : nextInEveryPass(search);
}

type Choice = (wall: WallMs, showing: Showing, afterMs: number) => number | undefined;

/**
 * Goes through the wall times after what the clocks show now until one of them is an instant after it. That of a wall time is never
 * before that of an earlier one, so the first is the next.
 */
function nextOfWalls({ calendar, timezone, afterMs }: Search, choose: Choice): number | undefined {
  let from = wallAt(timezone, afterMs);
  for (let gaps = 0; gaps < MOST_GAPS; gaps++) {
    const wall = calendar.nextWall(from);
    if (wall === undefined) return undefined;
    const showing = showingOf(wall, timezone);
    const at = choose(wall, showing, afterMs);
    if (at !== undefined) return at;
    from = endOf(wall, showing);
  }
  return undefined;
}

/** Nothing else in the gap or the overlap is an instant after it either. */
function endOf(wall: WallMs, showing: Showing): WallMs {
  if (showing.kind === 'once') return wall;
  return (showing.kind === 'twice' ? showing.overlapEnd : showing.gapEnd) - 1;
}

function fixedAfter(wall: WallMs, showing: Showing, afterMs: number): number | undefined {
  const at = fixedInstantOf(wall, showing);
  return at !== undefined && at > afterMs ? at : undefined;
}

function shownAfter(_wall: WallMs, showing: Showing, afterMs: number): number | undefined {
  if (showing.kind === 'never') return undefined;
  if (showing.kind === 'once') return showing.atMs;
  return showing.firstMs > afterMs ? showing.firstMs : showing.secondMs;
}

/** As clocks that are put back show again what they have shown, the next wall time may be an earlier one. */
function nextInEveryPass(search: Search): number | undefined {
  const { calendar, timezone, afterMs } = search;
  const next = nextOfWalls(search, shownAfter);
  const horizonMs = Math.min(next ?? Infinity, afterMs + LONGEST_OVERLAP_MS);
  if (offsetMsAt(timezone, horizonMs) >= offsetMsAt(timezone, afterMs)) return next;
  const changeMs = offsetChangeBetween(timezone, afterMs, horizonMs);
  const offset = offsetMsAt(timezone, changeMs);
  const again = calendar.nextWall(changeMs + offset - 1);
  return again !== undefined && again - offset <= horizonMs ? again - offset : next;
}
