export { CRONER_MAJOR } from './cron-calendar.ts';
export { LONGEST_CRON } from './cron-problem.ts';
export { jitterMsOf } from './jitter.ts';
export { latestOccurrences, nextOccurrence, occurrencesBetween, type OccurrenceSpan } from './occurrences.ts';
export { LONGEST_EVERY_MS, ruleProblems, SHORTEST_EVERY_MS } from './rule-problems.ts';
export { DEFAULT_TIMEZONE, ruleOf, type RuleConfig, type ScheduleRule } from './rule.ts';
export { isTimeZone } from './time-zone.ts';
