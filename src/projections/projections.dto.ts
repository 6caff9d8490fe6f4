import { z } from 'zod';
import { PROJECTION_NAMES, REBUILD_PHASES } from '#libs/read-models';
import { pageQuery, pageSchema } from '../platform/http/page.ts';

const count = z.int().min(0);
const instant = z.string();

const checksumView = z
  .object({
    same: z
      .boolean()
      .nullable()
      .meta({ description: 'Null, with `reason`, when there was nothing to hold it against.' }),
    reason: z.string().optional(),
    rebuilt: z
      .string()
      .optional()
      .meta({ description: 'For each table the number of rows and the sum of their hashes.' }),
    live: z.string().optional(),
    differing: z
      .array(z.string())
      .readonly()
      .optional()
      .meta({ description: 'Some of the rows that differ, or are only on one side: table and key.' }),
  })
  .meta({
    id: 'RebuildChecksum',
    description: 'Rebuilt and live rows, every column of them, at one and the same place of the log.',
    examples: [{ same: true, rebuilt: '333334-09c7f1d7b2a4e355', live: '333334-09c7f1d7b2a4e355' }],
  });

const openRebuildView = z.object({
  id: z.string(),
  state: z.enum(REBUILD_PHASES).meta({
    description:
      '`requested`: no projector has taken it yet. Then rows are made, indexes are made, both are held against each ' +
      'other, and the rebuilt one takes over.',
  }),
  compareOnly: z.boolean(),
  requestedAt: instant,
  startedAt: instant.nullable().meta({ description: 'Since when the projector that is at it is at it.' }),
  done: count.meta({ description: 'Messages of the log that it has applied.' }),
  total: count,
  percent: z.number().min(0).max(100),
  perSecond: count.nullable().meta({ description: 'Since `startedAt`.' }),
  estimatedFinishAt: instant.nullable().meta({ description: 'Of the building, at the pace so far.' }),
  error: z.string().nullable().meta({ description: 'What keeps it from going on; it is tried again.' }),
});

const endedRebuildView = z.object({
  id: z.string(),
  state: z.enum(['done', 'cancelled', 'failed']),
  compareOnly: z.boolean(),
  requestedAt: instant,
  finishedAt: instant,
  rows: count.nullable(),
  checksum: checksumView.nullable(),
  error: z.string().nullable(),
});

export const rebuildView = openRebuildView.meta({
  id: 'ProjectionRebuild',
  description: 'A rebuild that is under way.',
  examples: [
    {
      id: 'rb_01jdq3x',
      state: 'building',
      compareOnly: false,
      requestedAt: '2026-11-28T14:00:00.000Z',
      startedAt: '2026-11-28T14:00:00.020Z',
      done: 412_000,
      total: 1_000_000,
      percent: 41.2,
      perSecond: 21_000,
      estimatedFinishAt: '2026-11-28T14:00:48.000Z',
      error: null,
    },
  ],
});
export type RebuildView = z.output<typeof rebuildView>;
export type EndedRebuildView = z.output<typeof endedRebuildView>;

export const projectionView = z
  .object({
    name: z.enum(PROJECTION_NAMES),
    state: z.enum(['live', 'stopped']).meta({
      description:
        '`stopped`: the log is not the one that the rows were made of. A person must restore it, or rebuild.',
    }),
    stopped: z.string().nullable().meta({ description: 'Why.' }),
    lag: z.object({ events: count, ms: z.number().min(0) }).meta({
      description: 'Messages that are not applied yet, and the age of the oldest of them.',
    }),
    streams: z.array(
      z.object({
        stream: z.string(),
        sequence: count.meta({ description: 'Of the last message applied.' }),
        lastSequence: count,
        lagEvents: count,
        lagMs: z.number().min(0),
      }),
    ),
    parked: z.object({ count }).meta({ description: 'Events that it could not take, set aside.' }),
    rebuild: rebuildView.nullable(),
    lastRebuild: endedRebuildView.nullable(),
  })
  .meta({
    id: 'Projection',
    description: 'Read models that are made of the log together, and how far they are.',
    examples: [
      {
        name: 'workflows',
        state: 'live',
        stopped: null,
        lag: { events: 0, ms: 0 },
        streams: [{ stream: 'WORKFLOWS', sequence: 812, lastSequence: 812, lagEvents: 0, lagMs: 0 }],
        parked: { count: 0 },
        rebuild: null,
        lastRebuild: {
          id: 'rb_01jdq3x',
          state: 'done',
          compareOnly: false,
          requestedAt: '2026-11-28T14:00:00.000Z',
          finishedAt: '2026-11-28T14:00:01.000Z',
          rows: 214,
          checksum: { same: true, rebuilt: '214-09c7f1d7b2a4e355', live: '214-09c7f1d7b2a4e355' },
          error: null,
        },
      },
    ],
  });
export type ProjectionView = z.output<typeof projectionView>;
export const projectionsView = pageSchema(projectionView);
export type ProjectionsView = z.output<typeof projectionsView>;

export const rebuildQuery = z.object({
  compareOnly: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .meta({ description: 'Nothing takes over: the rows are made, held against the live ones, and dropped.' }),
});
export type RebuildQuery = z.output<typeof rebuildQuery>;

export const listParkedQuery = z.object(pageQuery);
export type ListParkedQuery = z.output<typeof listParkedQuery>;

export const parkedEventView = z
  .object({
    stream: z.string(),
    sequence: count,
    aggregateId: z.string().nullable().meta({
      description: 'Whose rows stay as they were before it; null where each message stands for itself.',
    }),
    reason: z.string(),
    parkedAt: instant,
  })
  .meta({
    id: 'ParkedEvent',
    description: 'A message of the log that a projection could not take.',
    examples: [
      {
        stream: 'EXECUTIONS_2',
        sequence: 4711,
        aggregateId: 'ex_01jdq3x',
        reason: 'message 4711 is not JSON',
        parkedAt: '2026-11-28T14:00:00.000Z',
      },
    ],
  });
export type ParkedEventView = z.output<typeof parkedEventView>;
export const parkedEventsView = pageSchema(parkedEventView);
