import { z } from 'zod';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import type { ExecutionEvent } from './events.ts';

// Released shapes are frozen: a new one comes as an upcaster with a stored sample, never as an edit here.
const json = z.custom<JsonValue>((value) => value !== undefined);
const ownPayload = z.union([
  z.object({ value: json }),
  z.object({ stored: z.object({ object: z.string(), bytes: z.number(), sha256: z.string() }) }),
]);
const payload = z.union([ownPayload, z.object({ sameAs: z.string() })]);
const fault = z.object({ code: z.string(), message: z.string(), details: json.optional() });
const attempt = z.int().min(1);

const event = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), data });

/** Parses what the log gives back; unknown fields of newer writers are dropped, unknown types are refused. */
export const executionEventSchema: z.ZodType<ExecutionEvent> = z.discriminatedUnion('type', [
  event(
    'ExecutionStarted',
    z.object({
      workspaceId: z.string(),
      workflowId: z.string(),
      workflowVersion: z.int().min(1),
      trigger: z.object({ type: z.string(), nodeId: z.string() }),
      input: ownPayload,
      priority: z.enum(['high', 'normal', 'low']),
      vars: z.custom<JsonObject>(isJsonObject).optional(),
    }),
  ),
  event('NodeScheduled', z.object({ nodeId: z.string(), attempt, executor: z.string() })),
  event('NodeSucceeded', z.object({ nodeId: z.string(), attempt, output: payload, leavesBy: z.array(z.string()) })),
  event('NodeRetryScheduled', z.object({ nodeId: z.string(), attempt, error: fault, dueAt: z.string() })),
  event(
    'NodeFailed',
    z.object({ nodeId: z.string(), attempt, error: fault, handling: z.enum(['fail', 'continue', 'branch']) }),
  ),
  event('NodeSkipped', z.object({ nodeId: z.string() })),
  event('ExecutionSucceeded', z.object({ endNodes: z.array(z.string()) })),
  event('ExecutionFailed', z.object({ error: fault.extend({ nodeId: z.string(), attempt }) })),
]);
