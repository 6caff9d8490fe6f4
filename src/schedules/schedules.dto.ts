import { z } from 'zod';
import type { ScheduleId } from '#libs/kernel';
import { pageQuery } from '../platform/http/page.ts';
import { instantField, tokenField } from '../platform/http/query-fields.ts';

export const listSchedulesQuery = z.strictObject({
  ...pageQuery,
  workflowId: tokenField.max(128).optional(),
  status: z.enum(['active', 'paused', 'finished']).optional(),
});
export type ListSchedulesQuery = z.output<typeof listSchedulesQuery>;

export const previewBody = z
  .strictObject({
    cron: z.string().max(256).optional().meta({ description: 'Five fields, six with seconds first, or a nickname.' }),
    everyMs: z.int().optional(),
    at: z.string().max(64).optional(),
    timezone: z.string().max(64).optional().meta({ description: 'An IANA name. Default `UTC`.' }),
    from: instantField.optional().meta({ description: 'Slots at it or after. Default: now.' }),
    count: z.int().min(1).max(1000).default(5),
  })
  .meta({
    id: 'SchedulePreview',
    description: 'A rule as `trigger.schedule` takes it: one of `cron`, `everyMs` and `at`.',
    examples: [{ cron: '30 2 * * *', timezone: 'Europe/Berlin', from: '2026-03-28T00:00:00.000Z', count: 3 }],
  });
export type PreviewBody = z.output<typeof previewBody>;

export const previewView = z.object({ instants: z.array(z.iso.datetime()) }).meta({
  id: 'SchedulePreviewInstants',
  description: 'When the rule is due, without jitter; fewer than asked for when there are no more.',
  examples: [{ instants: ['2026-03-28T01:30:00.000Z', '2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z'] }],
});
export type PreviewView = z.output<typeof previewView>;

export const proofQuery = z.strictObject({
  from: instantField.optional().meta({
    description:
      'Slots at it or after. Default: a day before `to`; two hours of a schedule that has more than 10,000 slots a day.',
  }),
  to: instantField.optional().meta({ description: 'Slots before it. Default: now.' }),
});
export type ProofQuery = z.output<typeof proofQuery>;

/** Ids of executions begin with the time of their slot, from 1970 on. */
const EARLIEST_SLOT = '1970-01-01T00:00:00.000Z';

export const backfillSlotsBody = z
  .strictObject({
    from: instantField.meta({ description: 'Slots at it or after.', example: '2026-11-27T00:00:00.000Z' }),
    to: instantField.meta({ description: 'Slots before it.', example: '2026-11-28T00:00:00.000Z' }),
    perSecond: z.int().min(1).max(100).default(10).meta({ description: 'At most so many are started a second.' }),
    dryRun: z.boolean().default(false).meta({ description: 'Counts what would be started, and starts nothing.' }),
  })
  .refine(({ from }) => from >= EARLIEST_SLOT, { message: 'must not be before 1970', path: ['from'] })
  .refine(({ from, to }) => from < to, { message: 'must be after from', path: ['to'] })
  .meta({
    id: 'ScheduleBackfill',
    description: 'Slots to run that had no execution at their time.',
    examples: [{ from: '2026-11-27T00:00:00.000Z', to: '2026-11-28T00:00:00.000Z' }],
  });
export type BackfillSlotsBody = z.output<typeof backfillSlotsBody>;

/** A schedule that is asked for, and by whom. */
export interface ScheduleTarget {
  readonly workspaceId: string;
  readonly scheduleId: ScheduleId;
}
