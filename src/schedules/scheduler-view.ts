import { z } from 'zod';

/** What processes with the role `scheduler` compete for. */
export const LEADER_KEY = 'scheduler';

const instant = z.iso.datetime();

export const schedulerView = z
  .object({
    leader: z
      .object({
        holder: z.string().meta({ description: 'Host, process id, and a name of the process that no other one has.' }),
        since: instant,
        revision: z
          .int()
          .min(1)
          .meta({ description: 'The fencing token: each leader has a greater one than those before.' }),
      })
      .nullable()
      .meta({ description: 'Null while none does: one is being elected, or no process has the role `scheduler`.' }),
    schedules: z
      .int()
      .min(0)
      .nullable()
      .meta({ description: 'That the leader knows, those of inactive workflows included.' }),
    nextDue: instant.nullable().meta({ description: 'When the leader has something to decide next.' }),
  })
  .meta({
    id: 'Scheduler',
    description: 'Who fires schedules, in the whole installation. What the leader tells of itself is up to 5 s old.',
    examples: [
      {
        leader: {
          holder: 'millrace-2:17:0f8fad5b-d9cb-469f-a165-70867728950e',
          since: '2026-11-28T10:00:00.000Z',
          revision: 42,
        },
        schedules: 1200,
        nextDue: '2026-11-28T10:05:00.000Z',
      },
    ],
  });
export type SchedulerView = z.output<typeof schedulerView>;
