import { AckPolicy, DeliverPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { DesiredConsumer, DesiredStream } from '#libs/jetstream';

/** Where jobs of one kind lie. */
export interface JobLayout {
  readonly stream: string;
  /** First token of their subjects. */
  readonly prefix: string;
  readonly description: string;
  /** How long a job can be looked at. */
  readonly keptMs: number;
  /** Durable name of whoever works on them. */
  readonly worker: string;
}

/** A job whose process died goes on elsewhere after this long. */
export const JOB_ACK_WAIT_MS = 5_000;

/** Jobs, how far they are, and wishes that they end. Not a work queue: a job stays readable after its acknowledgement. */
export function jobStream({ stream, prefix, description, keptMs }: JobLayout, replicas: number): DesiredStream {
  return {
    name: stream,
    description,
    subjects: [`${prefix}.*.job`, `${prefix}.*.progress`, `${prefix}.*.cancel`],
    retention: RetentionPolicy.Limits,
    max_msgs_per_subject: 1,
    max_age: keptMs * 1e6,
    storage: StorageType.File,
    num_replicas: replicas,
    allow_direct: true,
  };
}

/** Each job is a delivery that is kept alive while somebody works on it. */
export function jobConsumer({ prefix, worker }: JobLayout): DesiredConsumer {
  return {
    durable_name: worker,
    filter_subject: `${prefix}.*.job`,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: JOB_ACK_WAIT_MS * 1e6,
  };
}

export function subjectOf({ prefix }: JobLayout, jobId: string, what: 'job' | 'progress' | 'cancel'): string {
  return `${prefix}.${jobId}.${what}`;
}
