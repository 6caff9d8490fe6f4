import { z } from 'zod';
import { toInstant } from '#libs/kernel';
import type { OutcomeEvent, ProvenSlot, SlotProof } from '#libs/schedule';

const instant = z.iso.datetime();

const slotView = z.object({
  slot: instant,
  workflowVersion: z.int().min(1).nullable().meta({ description: 'Whose slot it is; null when no version has it.' }),
  outcome: z.enum(['fired', 'skipped', 'coalesced', 'missed', 'pending']).nullable().meta({
    description:
      '`pending`: to come, due within the last 30 s, or of a pause that lasts. Null: it was due and has none.',
  }),
  at: instant.nullable().meta({ description: 'When the outcome was recorded.' }),
  executionId: z.string().nullable().meta({ description: 'Of a slot that was fired.' }),
  lateMs: z.int().nullable(),
  reason: z.enum(['overlap', 'paused', 'late', 'tooMany']).nullable().meta({
    description: 'Why it was skipped or missed. `tooMany`: beyond the thousand that `runAll` catches up with.',
  }),
  into: instant.nullable().meta({ description: 'Of a coalesced slot: the slot whose execution stands for it.' }),
  backfilledBy: z.string().nullable().meta({ description: 'The execution that somebody had started for it since.' }),
});

export const proofView = z
  .object({
    scheduleId: z.string(),
    from: instant.meta({ description: 'Later than asked for when the history of before is not kept any more.' }),
    to: instant,
    matches: z
      .boolean()
      .meta({ description: 'Each slot that was due has exactly one outcome, and each outcome its slots.' }),
    counts: z.object({
      expected: z.int().min(0),
      fired: z.int().min(0),
      skipped: z.int().min(0),
      coalesced: z.int().min(0),
      missed: z.int().min(0),
      pending: z.int().min(0),
    }),
    problems: z
      .array(
        z.object({
          slot: instant,
          problem: z.enum(['undecided', 'unexpected', 'decidedTwice', 'miscounted', 'againstTerms']),
        }),
      )
      .meta({ description: 'What does not match; empty when all does.' }),
    slots: z.array(slotView).meta({ description: 'Oldest first.' }),
  })
  .meta({
    id: 'ScheduleProof',
    description: "The slots that the workflow's versions make, beside what the schedule's history says came of them.",
    examples: [
      {
        scheduleId: 'sch_00000000008v2q4w6y8a0c2e4g6j8m0p2r4t6v8x0z',
        from: '2026-11-28T00:00:00.000Z',
        to: '2026-11-28T02:00:00.000Z',
        matches: true,
        counts: { expected: 1, fired: 1, skipped: 0, coalesced: 0, missed: 0, pending: 0 },
        problems: [],
        slots: [
          {
            slot: '2026-11-28T01:30:00.000Z',
            workflowVersion: 3,
            outcome: 'fired',
            at: '2026-11-28T01:30:00.004Z',
            executionId: 'ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4',
            lateMs: 4,
            reason: null,
            into: null,
            backfilledBy: null,
          },
        ],
      },
    ],
  });
export type ProofView = z.output<typeof proofView>;
type SlotView = z.output<typeof slotView>;

export function proofViewOf(
  of: { readonly scheduleId: string; readonly from: string; readonly to: string },
  { matches, slots, problems }: SlotProof,
): ProofView {
  const countOf = (outcome: ProvenSlot['outcome']): number => slots.filter((slot) => slot.outcome === outcome).length;
  return {
    ...of,
    matches,
    counts: {
      expected: slots.filter(({ version }) => version !== null).length,
      fired: countOf('fired'),
      skipped: countOf('skipped'),
      coalesced: countOf('coalesced'),
      missed: countOf('missed'),
      pending: countOf('pending'),
    },
    problems: problems.map(({ slotMs, problem }) => ({ slot: toInstant(slotMs), problem })),
    slots: slots.map(slotViewOf),
  };
}

function slotViewOf({ slotMs, version, outcome, recorded, backfilledBy }: ProvenSlot): SlotView {
  const nothing = { executionId: null, lateMs: null, reason: null, into: null };
  return {
    slot: toInstant(slotMs),
    workflowVersion: version,
    outcome,
    at: recorded?.at ?? null,
    ...nothing,
    ...(recorded ? detailsOf(recorded.event) : {}),
    backfilledBy,
  };
}

function detailsOf(event: OutcomeEvent): Partial<SlotView> {
  switch (event.type) {
    case 'SlotFired':
      return { executionId: event.data.executionId, lateMs: event.data.lateMs };
    case 'SlotsSkipped':
    case 'SlotsMissed':
      return { reason: event.data.reason };
    case 'SlotsCoalesced':
      return { into: event.data.into };
  }
}
