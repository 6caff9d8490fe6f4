import { z } from 'zod';
import { toInstant } from '#libs/kernel';
import { openPeriodOf, type PresentSchedule, type ScheduleRule } from '#libs/schedule';
import { statusOf } from '#libs/scheduler';

const instant = z.iso.datetime();
const count = z.int().min(0);

export const scheduleView = z
  .object({
    id: z.string().meta({ description: 'Starts with `sch_`. The same through all versions of the workflow.' }),
    workflowId: z.string(),
    nodeId: z.string(),
    workflowVersion: z.int().min(1).meta({ description: 'The active one, whose slots these are.' }),
    status: z
      .enum(['active', 'paused', 'finished'])
      .meta({ description: '`finished`: it has no slot to come, as its only one is over.' }),
    cron: z.string().nullable(),
    everyMs: z.int().nullable(),
    at: instant.nullable(),
    timezone: z.string().nullable().meta({ description: 'Of a `cron`.' }),
    misfire: z.enum(['skip', 'runOnce', 'runAll']),
    overlap: z.enum(['allow', 'skip', 'queue', 'cancelPrevious']),
    jitterMs: count,
    next: z.array(instant).meta({ description: 'The next five slots, without their jitter; none while it is paused.' }),
    lastFire: z
      .object({
        scheduledFor: instant,
        firedAt: instant,
        lateMs: z.int().meta({ description: 'After the slot and its jitter.' }),
        executionId: z.string(),
      })
      .nullable(),
    fired: count,
    skipped: count.meta({ description: 'Slots of pauses, and those whose predecessor was still under way.' }),
    missed: count.meta({
      description:
        'Slots that got no execution of their own because nobody fired them in time. More than 1,000 of a cron ' +
        'pattern that are passed over at once count as 1,000.',
    }),
    decidedUpTo: instant.meta({ description: 'Every slot up to it has its outcome.' }),
    calendar: z
      .object({ croner: z.string(), zones: z.string() })
      .meta({ description: 'By what the slots are computed: the major version of croner, and that of the zone data.' }),
    createdAt: instant,
  })
  .meta({
    id: 'Schedule',
    description: 'When a `trigger.schedule` node of an active workflow starts executions.',
    examples: [
      {
        id: 'sch_00000000008v2q4w6y8a0c2e4g6j8m0p2r4t6v8x0z',
        workflowId: 'wf_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4',
        nodeId: 'nightly',
        workflowVersion: 3,
        status: 'active',
        cron: '30 2 * * *',
        everyMs: null,
        at: null,
        timezone: 'Europe/Berlin',
        misfire: 'runOnce',
        overlap: 'allow',
        jitterMs: 0,
        next: ['2026-11-29T01:30:00.000Z', '2026-11-30T01:30:00.000Z'],
        lastFire: {
          scheduledFor: '2026-11-28T01:30:00.000Z',
          firedAt: '2026-11-28T01:30:00.004Z',
          lateMs: 4,
          executionId: 'ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4',
        },
        fired: 61,
        skipped: 0,
        missed: 1,
        decidedUpTo: '2026-11-28T01:30:00.000Z',
        calendar: { croner: '11', zones: '2026c' },
        createdAt: '2026-09-28T10:00:00.000Z',
      },
    ],
  });
export type ScheduleView = z.output<typeof scheduleView>;

/** Undefined when it is not armed: its workflow is not active, or the active version does not have it. */
export function scheduleViewOf(id: string, state: PresentSchedule): ScheduleView | undefined {
  const open = openPeriodOf(state);
  const status = statusOf(state);
  if (!open || !status) return undefined;
  const { rule, version, misfire, overlap, jitterMs } = open.terms;
  const { workflowId, nodeId, planned, counts, lastFired, calendar } = state;
  return {
    ...{ id, workflowId, nodeId, workflowVersion: version },
    status,
    ...ruleView(rule),
    ...{ misfire, overlap, jitterMs },
    next: planned.map(toInstant),
    lastFire: lastFired ? lastFireView(lastFired) : null,
    ...counts,
    decidedUpTo: toInstant(state.decidedUpToMs),
    calendar: { ...calendar },
    createdAt: state.armedAt,
  };
}

function ruleView(rule: ScheduleRule): Pick<ScheduleView, 'cron' | 'everyMs' | 'at' | 'timezone'> {
  const none = { cron: null, everyMs: null, at: null, timezone: null };
  switch (rule.kind) {
    case 'cron':
      return { ...none, cron: rule.cron, timezone: rule.timezone };
    case 'every':
      return { ...none, everyMs: rule.everyMs };
    case 'at':
      return { ...none, at: rule.at };
  }
}

function lastFireView(fired: NonNullable<PresentSchedule['lastFired']>): NonNullable<ScheduleView['lastFire']> {
  const { slotMs, at, lateMs, executionId } = fired;
  return { scheduledFor: toInstant(slotMs), firedAt: at, lateMs, executionId };
}
