import { assertNever, epochMsOf } from '#libs/kernel';
import { nextOfCron } from './cron-occurrences.ts';
import type { ScheduleRule } from './rule.ts';

/** From `afterMs`, exclusive, to `upToMs`, inclusive; milliseconds since 1970. */
export interface OccurrenceSpan {
  readonly afterMs: number;
  readonly upToMs: number;
}

/** The first instant after `afterMs` at which the rule is due; undefined when there is none. */
export function nextOccurrence(rule: ScheduleRule, afterMs: number): number | undefined {
  switch (rule.kind) {
    case 'cron':
      return nextOfCron(rule, afterMs);
    case 'every':
      // Multiples since 1970, so that they are the same whenever it was activated.
      return (Math.floor(afterMs / rule.everyMs) + 1) * rule.everyMs;
    case 'at': {
      const atMs = epochMsOf(rule.at);
      return atMs > afterMs ? atMs : undefined;
    }
    default:
      return assertNever(rule);
  }
}

/** All instants of the span, ascending. Found one by one, as they are asked for. */
export function* occurrencesBetween(rule: ScheduleRule, { afterMs, upToMs }: OccurrenceSpan): Generator<number> {
  for (let at = nextOccurrence(rule, afterMs); at !== undefined && at <= upToMs; at = nextOccurrence(rule, at)) {
    yield at;
  }
}

/**
 * The newest `count` instants of the span, ascending. Looks at a piece before `upToMs`, and at longer and longer ones before
 * it, so that a month of seconds is never walked through for its last ten.
 */
export function latestOccurrences(rule: ScheduleRule, span: OccurrenceSpan, count: number): readonly number[] {
  if (count < 1) return [];
  const shortestMs = count * 1_000;
  let found: readonly number[] = [];
  let { upToMs } = span;
  let lengthMs = shortestMs;
  while (upToMs > span.afterMs && found.length < count) {
    const afterMs = Math.max(span.afterMs, upToMs - lengthMs);
    const piece = atMost(2 * count, occurrencesBetween(rule, { afterMs, upToMs }));
    if (piece === undefined) {
      upToMs = lastIn(rule, { afterMs, upToMs });
      lengthMs = shortestMs;
    } else {
      found = [...piece, ...found];
      upToMs = afterMs;
      lengthMs *= 2;
    }
  }
  return found.slice(-count);
}

/** All of them, or undefined when there are more than `most`. */
function atMost(most: number, occurrences: Iterable<number>): readonly number[] | undefined {
  const found: number[] = [];
  for (const at of occurrences) {
    if (found.length === most) return undefined;
    found.push(at);
  }
  return found;
}

/** How many instants the span has; null when that is more than `most` and would have to be counted one by one. */
export function countOccurrences(rule: ScheduleRule, span: OccurrenceSpan, most: number): number | null {
  if (rule.kind === 'every') {
    const { everyMs } = rule;
    return Math.max(Math.floor(span.upToMs / everyMs) - Math.floor(span.afterMs / everyMs), 0);
  }
  let count = 0;
  for (const _ of occurrencesBetween(rule, span)) if (++count > most) return null;
  return count;
}

export function isOccurrence(rule: ScheduleRule, ms: number): boolean {
  return nextOccurrence(rule, ms - 1) === ms;
}

/** The last instant of a span that has one. */
function lastIn(rule: ScheduleRule, { afterMs, upToMs }: OccurrenceSpan): number {
  let low = afterMs;
  let high = upToMs;
  while (high > low) {
    const at = nextOccurrence(rule, Math.floor((low + high) / 2));
    if (at !== undefined && at <= upToMs) low = at;
    else high = Math.floor((low + high) / 2);
  }
  return low;
}
