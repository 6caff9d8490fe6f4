import { AckPolicy, DeliverPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { DesiredConsumer, DesiredStream } from '#libs/jetstream';
import type { DeadLetterFact } from './facts.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long a fact of a dead letter is kept, and how long a job that redrives many can be looked at. */
export const KEPT_MS = { deadLetters: 90 * DAY_MS, redrives: 30 * DAY_MS } as const;

export const DEAD_LETTER_STREAM = 'DEAD_LETTERS';
export const REDRIVE_STREAM = 'REDRIVES';

/** Of work whose workspace can't be told: nobody is shown it but who reads the stream. */
export const NO_WORKSPACE = 'none';

export function deadLetterStream(replicas: number): DesiredStream {
  return {
    name: DEAD_LETTER_STREAM,
    description: 'Work given up, with its reason, and what became of it',
    subjects: ['deadletters.*.*'],
    retention: RetentionPolicy.Limits,
    max_age: KEPT_MS.deadLetters * 1e6,
    storage: StorageType.File,
    num_replicas: replicas,
  };
}

export function deadLetterSubject({ workspaceId, executor }: DeadLetterFact): string {
  return `deadletters.${workspaceId}.${executor}`;
}

/** Jobs and how far they are. Not a work queue: a job stays readable after its acknowledgement. */
export function redriveStream(replicas: number): DesiredStream {
  return {
    name: REDRIVE_STREAM,
    description: 'Jobs that redrive many dead letters, and how far they are',
    subjects: ['redrives.*.job', 'redrives.*.progress'],
    retention: RetentionPolicy.Limits,
    max_msgs_per_subject: 1,
    max_age: KEPT_MS.redrives * 1e6,
    storage: StorageType.File,
    num_replicas: replicas,
    allow_direct: true,
  };
}

export const jobSubject = (jobId: string): string => `redrives.${jobId}.job`;
export const progressSubject = (jobId: string): string => `redrives.${jobId}.progress`;

/** A job whose process died goes on elsewhere after this long. */
export const JOB_ACK_WAIT_MS = 5_000;

/** Each job is a delivery that is kept alive while somebody works on it. */
export const REDRIVER: DesiredConsumer = {
  durable_name: 'redriver',
  filter_subject: 'redrives.*.job',
  ack_policy: AckPolicy.Explicit,
  deliver_policy: DeliverPolicy.All,
  ack_wait: JOB_ACK_WAIT_MS * 1e6,
};
