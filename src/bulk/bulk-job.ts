import { z } from 'zod';
import { jobFields, JobStore, type JobLayout } from '#libs/bulk-jobs';
import type { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Jobs that do the same to many executions. */
export const BULK: JobLayout = {
  stream: 'BULK',
  prefix: 'bulk',
  description: 'Jobs that do the same to many executions, and how far they are',
  keptMs: 30 * DAY_MS,
  worker: 'bulk',
};

const action = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cancel') }),
  z.object({ kind: z.literal('retry'), from: z.string(), version: z.enum(['same', 'latest']) }),
  /** The calls that started the targets start this workflow. */
  z.object({
    kind: z.literal('backfill'),
    workflowId: z.string(),
    workflowVersion: z.int().min(1),
    nodeId: z.string(),
    mode: z.literal('dry').optional(),
    /** When the first call came that the job has no room for. */
    nextFrom: z.string().optional(),
  }),
  /** The targets are slots of this schedule. */
  z.object({ kind: z.literal('slots'), scheduleId: z.string(), nextFrom: z.string().optional() }),
]);
const schema = z.object({ ...jobFields, action, isDryRun: z.boolean() });
export type BulkJob = z.infer<typeof schema>;
export type BulkAction = z.infer<typeof action>;

/** Jobs whose targets are executions. */
export class BulkJobs extends JobStore<BulkJob> {
  constructor(connection: JetStreamConnection, publisher: JetStreamPublisher) {
    super({ connection, publisher, layout: BULK, schema });
  }
}
