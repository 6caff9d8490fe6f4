import { z } from 'zod';
import { jobFields, JobStore } from '#libs/bulk-jobs';
import { REDRIVES } from '#libs/dead-letters';
import type { JetStreamConnection, JetStreamPublisher } from '#libs/jetstream';

const schema = z.object(jobFields);
export type RedriveJob = z.infer<typeof schema>;

/** Jobs that are in the log from before there were others name their targets so. */
const upcast = (stored: unknown): unknown =>
  typeof stored === 'object' && stored !== null && 'deadLetterIds' in stored
    ? { ...stored, targets: stored.deadLetterIds }
    : stored;

/** Jobs whose targets are dead letters. */
export class RedriveJobs extends JobStore<RedriveJob> {
  constructor(connection: JetStreamConnection, publisher: JetStreamPublisher) {
    super({ connection, publisher, layout: REDRIVES, schema: z.preprocess(upcast, schema) });
  }
}
