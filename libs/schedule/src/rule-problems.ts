import type { Problem } from '#libs/kernel';
import { readAt } from './at-text.ts';
import { cronProblem } from './cron-problem.ts';
import { DEFAULT_TIMEZONE, type RuleConfig } from './rule.ts';
import { isTimeZone } from './time-zone.ts';

export const SHORTEST_EVERY_MS = 1_000;
export const LONGEST_EVERY_MS = 366 * 86_400_000;

const KINDS = ['cron', 'everyMs', 'at'] as const;

/** Everything wrong with a rule as people write it; messages say the remedy. Paths are names of its fields. */
export function ruleProblems(config: RuleConfig): readonly Problem[] {
  const [first, ...others] = KINDS.filter((kind) => config[kind] !== undefined);
  if (first === undefined) return [{ path: 'cron', message: 'say when it is due, by one of cron, everyMs and at' }];
  return [
    ...others.map((path) => ({ path, message: `can't stand beside ${first}: leave one of them out` })),
    ...problemIf('everyMs', everyProblem(config)),
    ...problemIf('timezone', timezoneProblem(config)),
    ...problemIf('cron', cronProblem(config)),
    ...problemIf('at', atProblem(config)),
  ];
}

function problemIf(path: string, message: string | undefined): readonly Problem[] {
  return message === undefined ? [] : [{ path, message }];
}

function everyProblem({ everyMs }: RuleConfig): string | undefined {
  if (everyMs === undefined) return undefined;
  const fits = Number.isInteger(everyMs) && everyMs >= SHORTEST_EVERY_MS && everyMs <= LONGEST_EVERY_MS;
  return fits ? undefined : `must be a whole number from 1000 (a second) to ${LONGEST_EVERY_MS} (366 days)`;
}

function timezoneProblem({ timezone, cron, at, everyMs }: RuleConfig): string | undefined {
  if (timezone === undefined) return undefined;
  if (everyMs !== undefined && cron === undefined && at === undefined) {
    return 'has no effect on everyMs, which counts real time: leave it out, or use cron';
  }
  if (isTimeZone(timezone)) return undefined;
  if (/^(?:UTC|GMT)?[+-]\d/i.test(timezone)) {
    return 'is an offset, which knows no summer time: name a zone such as Europe/Berlin, or UTC and the hour meant in it';
  }
  return 'is no time zone: name one of the IANA database such as Europe/Berlin, America/New_York or UTC';
}

function atProblem({ at, timezone = DEFAULT_TIMEZONE }: RuleConfig): string | undefined {
  if (at === undefined) return undefined;
  const { kind } = readAt(at, isTimeZone(timezone) ? timezone : DEFAULT_TIMEZONE);
  if (kind === 'leftOut') return `is a date that ${timezone} left out: choose the one before or after it`;
  if (kind === 'instant') return undefined;
  return 'must be a time such as 2026-12-24T18:00:00Z, 2026-12-24T18:00:00+01:00, or 2026-12-24T18:00:00 in timezone';
}
