import { createHash } from 'node:crypto';
import type { ExecutionId, ScheduleId } from '#libs/kernel';
import { derivedId } from '../platform/ids.ts';

/** A trigger node has one schedule, which is the same through all versions of its workflow. */
export function scheduleIdOf(workflowId: string, nodeId: string): ScheduleId {
  return derivedId('schedule', 0, sha256(`schedule/${workflowId}/${nodeId}`));
}

/** One slot has one execution: the log refuses a second one of this id, whoever starts it. */
export function slotExecutionIdOf(scheduleId: string, slotMs: number): ExecutionId {
  return derivedId('execution', slotMs, sha256(`slot/${scheduleId}/${slotMs}`));
}

function sha256(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
