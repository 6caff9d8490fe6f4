import { purposeOf, type WaitReason } from '#libs/execution-engine';
import type { DeadReason } from './report.ts';

/** In words, for the one who has to do something about it. */
export function deadReasonOf(executionId: string, reason: WaitReason): DeadReason {
  return { kind: reason.kind, nodeId: nodeOf(reason), what: whatOf(reason), remedy: remedyOf(executionId, reason) };
}

export function waitsForNothing(executionId: string): DeadReason {
  return {
    kind: 'none',
    nodeId: null,
    what: 'is not over and waits for nothing',
    remedy: `this is a bug: keep its events (GET /v1/executions/${executionId}/events) for a report; ${again(executionId)}`,
  };
}

export function unreadable(message: string): DeadReason {
  const remedy = 'run the version of Millrace that wrote it, or restore EXECUTIONS_* and WORKFLOWS from one backup';
  return { kind: 'unreadable', nodeId: null, what: message, remedy };
}

/** Poison is the one way to lose a task that somebody has written down. */
export function redriveOf(deadLetterId: string): string {
  return `it was set aside as poison: POST /v1/dead-letters/${deadLetterId}/redrive goes on with it, best after an upgrade`;
}

function nodeOf(reason: WaitReason): string | null {
  if (reason.kind === 'gate') return null;
  if (reason.kind === 'timer') return nodeOfTimer(reason.id);
  if (reason.kind !== 'task') return reason.nodeId;
  const { nodeId } = reason.task.payload;
  return typeof nodeId === 'string' ? nodeId : null;
}

function nodeOfTimer(id: string): string | null {
  const purpose = purposeOf(id);
  return purpose && 'nodeId' in purpose ? purpose.nodeId : null;
}

function whatOf(reason: WaitReason): string {
  switch (reason.kind) {
    case 'task':
      return `its task for ${reason.task.queue} is in no queue, in nobody's hands, and its commit was handed out`;
    case 'timer':
      return `its timer ${reason.id}, due ${reason.dueAt}, is not armed, has not fired, and its commit was handed out`;
    case 'child':
      return `${reason.executionId}, which it waits for, is not in the log, or is over and nobody tells it so`;
    case 'gate':
      return `it is not in the line of ${reason.key}, or nobody is left who calls that line`;
    case 'signal':
      return `waits for the signal ${reason.name}`;
    case 'person':
      return `attempt ${reason.attempt} waits for a person`;
  }
}

const LOST_BY = 'lost by a purge, or by a restore of a part of the streams';

function remedyOf(executionId: string, reason: WaitReason): string {
  switch (reason.kind) {
    case 'task':
    case 'timer':
      return `${LOST_BY}, and made by nobody again: ${again(executionId)}`;
    case 'child':
    case 'gate':
      return again(executionId);
    case 'signal':
    case 'person':
      return 'nothing has to be done';
  }
}

function again(executionId: string): string {
  return `cancel it (POST /v1/executions/${executionId}/cancel) and start it again`;
}
