import { z } from 'zod';
import type { JobProgress } from '#libs/bulk-jobs';
import { epochMsOf } from '#libs/kernel';
import { slotExecutionIdOf } from '../schedules/schedule-ids.ts';
import type { BulkAction, BulkJob } from './bulk-job.ts';

const instant = z.iso.datetime();

export const bulkJobView = z
  .object({
    id: z.string().meta({ description: 'Starts with `job_`.' }),
    action: z.enum(['cancel', 'retry', 'backfill', 'slots']),
    status: z.enum(['running', 'finished', 'cancelled']),
    dryRun: z.boolean().meta({ description: 'It only counts what it would do.' }),
    total: z
      .int()
      .min(0)
      .meta({ description: 'Executions that it works on: those that matched when it was asked for.' }),
    isCut: z.boolean().meta({ description: 'There were more than one job takes.' }),
    nextFrom: instant.nullable().meta({ description: 'Of a backfill that was cut: where the next one begins.' }),
    done: z.int().min(0),
    refused: z.int().min(0).meta({ description: 'To which it could not be done.' }),
    refusals: z
      .array(z.object({ executionId: z.string(), code: z.string() }))
      .meta({ description: 'The first 20 of them, and why.' }),
    perSecond: z.int().min(1),
    secondsLeft: z.int().min(0).nullable().meta({ description: 'At that rate; null when it is over.' }),
    createdAt: instant,
    finishedAt: instant.nullable(),
  })
  .meta({
    id: 'BulkJob',
    description: 'The same done to many executions, by the server, at a bounded rate.',
    examples: [
      {
        id: 'job_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4',
        action: 'retry',
        status: 'running',
        dryRun: false,
        total: 250,
        isCut: false,
        nextFrom: null,
        done: 40,
        refused: 1,
        refusals: [{ executionId: 'ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4', code: 'WORKFLOW_DELETED' }],
        perSecond: 20,
        secondsLeft: 11,
        createdAt: '2026-11-23T10:00:00.000Z',
        finishedAt: null,
      },
    ],
  });
export type BulkJobView = z.output<typeof bulkJobView>;

export function bulkJobViewOf(job: BulkJob, progress: JobProgress): BulkJobView {
  const { id, action, isDryRun, targets, isCut, perSecond, at } = job;
  const { next, done, refused, refusals, finishedAt, isCancelled } = progress;
  return {
    id,
    action: action.kind,
    status: finishedAt === null ? 'running' : isCancelled ? 'cancelled' : 'finished',
    dryRun: isDryRun,
    total: targets.length,
    isCut,
    nextFrom: ('nextFrom' in action && action.nextFrom) || null,
    done,
    refused,
    refusals: refusals.map(({ target, code }) => ({ executionId: executionIdOf(action, target), code })),
    perSecond,
    secondsLeft: finishedAt === null ? Math.ceil((targets.length - next) / perSecond) : null,
    createdAt: at,
    finishedAt,
  };
}

/** A slot is told by the execution that it has or would have. */
function executionIdOf(action: BulkAction, target: string): string {
  return action.kind === 'slots' ? slotExecutionIdOf(action.scheduleId, epochMsOf(target)) : target;
}
