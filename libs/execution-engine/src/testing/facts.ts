import type { JsonObject, JsonValue } from '#libs/kernel';
import type { ExecutionEvent, ExecutionStarted } from '../events.ts';
import type { Fault } from '../fault-shape.ts';
import type { FailureHandling } from '../node-events.ts';
import type { Payload } from '../payload.ts';

// Short names for facts, so that a spec reads as the story of an execution.

export function started(input: JsonValue = {}, trigger = 'start', vars?: JsonObject): ExecutionStarted {
  return {
    type: 'ExecutionStarted',
    data: {
      workspaceId: 'ws_1',
      workflowId: 'wf_drawn',
      workflowVersion: 1,
      trigger: { type: 'trigger.manual', nodeId: trigger },
      input: { value: input },
      priority: 'normal',
      ...(vars === undefined ? {} : { vars }),
    },
  };
}

export function scheduled(nodeId: string, attempt = 1, executor = 'noop'): ExecutionEvent {
  return { type: 'NodeScheduled', data: { nodeId, attempt, executor } };
}

export function succeeded(nodeId: string, value: JsonValue = {}, attempt = 1): ExecutionEvent {
  return succeededWith(nodeId, { value }, { attempt });
}

/** Success of a node that passes on what came in: the output of `sameAs`. */
export function passedOn(nodeId: string, sameAs: string, ...leavesBy: string[]): ExecutionEvent {
  return succeededWith(nodeId, { sameAs }, { leavesBy });
}

export function succeededWith(
  nodeId: string,
  output: Payload,
  { attempt = 1, leavesBy = ['main'] }: { attempt?: number; leavesBy?: readonly string[] } = {},
): ExecutionEvent {
  return { type: 'NodeSucceeded', data: { nodeId, attempt, output, leavesBy } };
}

export function skipped(nodeId: string): ExecutionEvent {
  return { type: 'NodeSkipped', data: { nodeId } };
}

export function failed(nodeId: string, error: Fault, how: { attempt?: number; handling?: FailureHandling } = {}) {
  const { attempt = 1, handling = 'fail' } = how;
  return { type: 'NodeFailed', data: { nodeId, attempt, error, handling } } satisfies ExecutionEvent;
}

export function retryScheduled(
  nodeId: string,
  attempt: number,
  retry: { error: Fault; dueAt: string },
): ExecutionEvent {
  return { type: 'NodeRetryScheduled', data: { nodeId, attempt, ...retry } };
}

export function executionFailed(nodeId: string, error: Fault, attempt = 1): ExecutionEvent {
  return { type: 'ExecutionFailed', data: { error: { ...error, nodeId, attempt } } };
}

export function executionSucceeded(...endNodes: string[]): ExecutionEvent {
  return { type: 'ExecutionSucceeded', data: { endNodes } };
}
