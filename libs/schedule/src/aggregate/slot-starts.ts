import type { TaskMessage } from '#libs/event-sourcing';
import { epochMsOf, isJsonObject, type JsonObject } from '#libs/kernel';
import { z } from 'zod';
import type { ScheduleEvent, ScheduleTerms } from './schedule-events.ts';
import { openPeriodOf, type PresentSchedule, type ScheduleState } from './schedule-state.ts';

/** The queue of commits' tasks that start executions. */
export const SLOT_QUEUE = 'start';

const slotStartSchema = z.object({
  executionId: z.string(),
  scheduledFor: z.string(),
  firedAt: z.string(),
  missed: z.int().min(0),
  workspaceId: z.string(),
  workflowId: z.string(),
  nodeId: z.string(),
  version: z.int().min(1),
  priority: z.enum(['high', 'normal', 'low']),
  readsVariables: z.boolean(),
  hasPayload: z.boolean(),
});
/** All that starting the execution of a slot needs. */
export type SlotStart = z.infer<typeof slotStartSchema>;

/** The executions that follow from events, as tasks of their commit. `before`: what the events come after. */
export function slotStartsOf(
  events: readonly ScheduleEvent[],
  before: ScheduleState,
  firedAt: string,
): readonly TaskMessage[] {
  if (before.status === 'none') return [];
  return events.flatMap((event) => {
    if (event.type !== 'SlotFired' && event.type !== 'SlotBackfilled') return [];
    const { slot, executionId } = event.data;
    const terms = termsAt(before, event.type === 'SlotFired' ? epochMsOf(slot) : undefined);
    if (!terms) return [];
    const missed = event.type === 'SlotFired' ? event.data.missed : 0;
    return [{ queue: SLOT_QUEUE, payload: payloadOf(terms, { executionId, scheduledFor: slot, firedAt, missed }) }];
  });
}

/** Undefined when it is none of this version. */
export function readSlotStart(task: TaskMessage): SlotStart | undefined {
  if (task.queue !== SLOT_QUEUE || !isJsonObject(task.payload)) return undefined;
  return slotStartSchema.safeParse(task.payload).data;
}

function payloadOf(
  terms: ScheduleTerms,
  slot: Pick<SlotStart, 'executionId' | 'scheduledFor' | 'firedAt' | 'missed'>,
): JsonObject {
  const { workspaceId, workflowId, nodeId, version, priority, readsVariables, hasPayload } = terms;
  return { ...slot, workspaceId, workflowId, nodeId, version, priority, readsVariables, hasPayload };
}

/** Those of the slot; without one, of the version that is active. */
function termsAt(state: PresentSchedule, slotMs: number | undefined): ScheduleTerms | undefined {
  if (slotMs === undefined) return openPeriodOf(state)?.terms;
  return state.periods.find(({ fromMs, untilMs = Infinity }) => fromMs < slotMs && slotMs <= untilMs)?.terms;
}
