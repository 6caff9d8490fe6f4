import type { JsonValue } from '#libs/kernel';
import { anyJson } from '#libs/node-kit';
import {
  LONGEST_CRON,
  LONGEST_EVERY_MS,
  SHORTEST_EVERY_MS,
  type Misfire,
  type Overlap,
  type RuleConfig,
} from '#libs/schedule';
import { z } from 'zod';

const DAY_MS = 86_400_000;
const LONGEST_TEXT = 64;

const MISFIRES = ['skip', 'runOnce', 'runAll'] as const satisfies readonly Misfire[];
const OVERLAPS = ['allow', 'skip', 'queue', 'cancelPrevious'] as const satisfies readonly Overlap[];

/** Config of `trigger.schedule` with its defaults; section 7 of the contract. One of `cron`, `everyMs` and `at` is there. */
export interface ScheduleTriggerConfig extends RuleConfig {
  /** What becomes of slots that nobody was there to fire. */
  readonly misfire: Misfire;
  /** What becomes of a slot while an execution of an earlier one is not over. */
  readonly overlap: Overlap;
  readonly jitterMs: number;
  /** The body of the trigger's output. */
  readonly payload?: JsonValue | undefined;
}

/** When it is due, as zod can tell; what its fields mean together, and in them, `ruleProblems` tells. */
export const ruleFields = {
  cron: z
    .string()
    .max(LONGEST_CRON)
    .optional()
    .meta({
      description:
        'Five fields (minute, hour, day of month, month, day of week), six with the second first, or a nickname. Exactly one of `cron`, `everyMs` and `at` is given.',
      examples: ['0 9 * * MON-FRI', '*/30 * * * * *', '0 0 L * *', '@daily'],
    }),
  everyMs: z
    .int()
    .min(SHORTEST_EVERY_MS)
    .max(LONGEST_EVERY_MS)
    .optional()
    .meta({ description: 'Due at the multiples since 1970-01-01T00:00Z.', examples: [300_000] }),
  at: z
    .string()
    .max(LONGEST_TEXT)
    .optional()
    .meta({
      description: 'Due once: ISO 8601 with an offset, or without one as the clocks of `timezone` show it.',
      examples: ['2026-12-24T18:00:00+01:00', '2026-12-24T18:00'],
    }),
  timezone: z
    .string()
    .max(LONGEST_TEXT)
    .optional()
    .meta({ description: 'IANA name, for `cron` and `at`; `UTC` without one.', examples: ['Europe/Berlin'] }),
};

export const scheduleTriggerConfigSchema: z.ZodType<ScheduleTriggerConfig> = z.strictObject({
  ...ruleFields,
  misfire: z.enum(MISFIRES).default('runOnce').meta({
    description:
      'Slots that came while nobody could fire them: `skip` leaves them out, `runOnce` fires the last of them, `runAll` each, the last 1,000 at most.',
  }),
  overlap: z.enum(OVERLAPS).default('allow').meta({
    description:
      'A slot that comes while an earlier execution of the schedule is not over: `allow` starts it beside, `skip` leaves it out, `queue` starts it afterwards, `cancelPrevious` cancels the earlier one.',
  }),
  jitterMs: z
    .int()
    .min(0)
    .max(DAY_MS)
    .default(0)
    .meta({
      description: 'Each slot starts up to this much later, always the same for the same slot.',
      examples: [60_000],
    }),
  payload: anyJson().optional().meta({ description: '`body` of the output, as it is: it holds no expressions.' }),
});
