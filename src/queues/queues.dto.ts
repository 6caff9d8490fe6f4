import { z } from 'zod';
import { pageSchema } from '../platform/http/page.ts';

const count = z.int().min(0);

export const queueView = z
  .object({
    name: z.string().meta({
      description: '`start.high`, `start.normal` and `start.low`: executions to be begun. Else an executor class.',
    }),
    ready: count.meta({ description: 'Wait for a worker.' }),
    inFlight: count.meta({ description: 'Are with a worker.' }),
    redelivered: count.meta({ description: 'Of those in flight, how many a worker had before.' }),
    oldestReadyAgeMs: z
      .number()
      .min(0)
      .nullable()
      .meta({ description: 'How long the oldest that waits has waited; null when none does.' }),
    completedPerMinute: count.meta({ description: 'Within the last minute, over all workers.' }),
    failedPerMinute: count.meta({
      description:
        'Attempts that failed, also those that are tried again. For starts: those that could not be recorded.',
    }),
    paused: z.boolean(),
  })
  .meta({
    id: 'Queue',
    description: 'What waits for workers and is with them, in the whole installation.',
    examples: [
      {
        name: 'start.normal',
        ready: 1200,
        inFlight: 24,
        redelivered: 0,
        oldestReadyAgeMs: 1830,
        completedPerMinute: 41_200,
        failedPerMinute: 0,
        paused: false,
      },
    ],
  });
export type QueueView = z.output<typeof queueView>;

export const queuesView = pageSchema(queueView);
export type QueuesView = z.output<typeof queuesView>;
