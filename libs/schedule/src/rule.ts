import { InvariantError, toInstant, type Instant } from '#libs/kernel';
import { readAt } from './at-text.ts';

/** When a schedule is due; the tag closes the union. */
export type ScheduleRule =
  | { readonly kind: 'cron'; readonly cron: string; readonly timezone: string }
  | { readonly kind: 'every'; readonly everyMs: number }
  | { readonly kind: 'at'; readonly at: Instant };

/** A rule as people write it: one of `cron`, `everyMs` and `at`. */
export interface RuleConfig {
  /** Five fields, six with seconds first, or a nickname such as `@daily`. */
  readonly cron?: string | undefined;
  readonly everyMs?: number | undefined;
  /** ISO 8601, with an offset or as the clocks of `timezone` show it. */
  readonly at?: string | undefined;
  /** An IANA name; default `UTC`. */
  readonly timezone?: string | undefined;
}

export const DEFAULT_TIMEZONE = 'UTC';

/** The rule of a config that has no problems; see `ruleProblems`. */
export function ruleOf({ cron, everyMs, at, timezone = DEFAULT_TIMEZONE }: RuleConfig): ScheduleRule {
  if (cron !== undefined) return { kind: 'cron', cron, timezone };
  if (everyMs !== undefined) return { kind: 'every', everyMs };
  const reading = readAt(at ?? '', timezone);
  if (reading.kind !== 'instant') throw new InvariantError('a config that has problems was taken for a rule');
  return { kind: 'at', at: toInstant(reading.atMs) };
}
