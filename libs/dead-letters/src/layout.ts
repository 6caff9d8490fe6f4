import { RetentionPolicy, StorageType } from '@nats-io/jetstream';
import type { JobLayout } from '#libs/bulk-jobs';
import type { DesiredStream } from '#libs/jetstream';
import type { DeadLetterFact } from './facts.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** How long a fact of a dead letter is kept, and how long a job that redrives many can be looked at. */
export const KEPT_MS = { deadLetters: 90 * DAY_MS, redrives: 30 * DAY_MS } as const;

export const DEAD_LETTER_STREAM = 'DEAD_LETTERS';

/** Jobs that redrive many dead letters. */
export const REDRIVES: JobLayout = {
  stream: 'REDRIVES',
  prefix: 'redrives',
  description: 'Jobs that redrive many dead letters, and how far they are',
  keptMs: KEPT_MS.redrives,
  worker: 'redriver',
};

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
