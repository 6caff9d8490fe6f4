import { z } from 'zod';
import type { JsonValue } from '#libs/kernel';

// Released shapes are frozen: a new one comes as an upcaster with a stored sample, never as an edit here.
const json = z.custom<JsonValue>((value) => value !== undefined);
export const ownPayload = z.union([
  z.object({ value: json }),
  z.object({ stored: z.object({ object: z.string(), bytes: z.number(), sha256: z.string() }) }),
  z.object({ erased: z.object({ sha256: z.string(), bytes: z.number() }) }),
]);
const payload = z.union([ownPayload, z.object({ sameAs: z.string() })]);
export const fault = z.object({ code: z.string(), message: z.string(), details: json.optional() });
export const attempt = z.int().min(1);
const nodeId = z.string();
const ofAttempt = { nodeId, attempt };
const index = z.int().min(0);
const ofBatch = { nodeId, batch: index, attempt };
const putBacks = z.int().min(1).optional();
const postponeReason = z.object({ kind: z.enum(['circuit', 'rateLimit', 'bulkhead', 'credential']), key: z.string() });
const itemError = fault.extend({ index });
export const loopRest = {
  next: index,
  open: z.array(z.object({ batch: index, indexes: z.array(index).optional() })),
  results: z.array(ownPayload),
  errors: z.array(itemError),
};
const waitTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('timer'), dueAt: z.string() }),
  z.object({
    kind: z.literal('signal'),
    name: z.string(),
    dueAt: z.string().optional(),
    onTimeout: z.enum(['fail', 'continue']),
  }),
  z.object({ kind: z.literal('execution'), executionId: z.string(), dueAt: z.string().optional() }),
  z.object({ kind: z.literal('person'), error: fault.optional() }),
]);

export const event = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), data });

export const NODE_EVENTS = [
  event('NodeScheduled', z.object({ ...ofAttempt, executor: z.string(), putBacks })),
  event('NodeStarted', z.object({ ...ofAttempt, by: z.string() })),
  event('NodeSucceeded', z.object({ ...ofAttempt, output: payload, leavesBy: z.array(z.string()) })),
  event('NodeRetryScheduled', z.object({ ...ofAttempt, error: fault, dueAt: z.string() })),
  event(
    'NodePostponed',
    z.object({ ...ofAttempt, reason: postponeReason, dueAt: z.string(), error: fault.optional() }),
  ),
  event('NodeWaiting', z.object({ ...ofAttempt, on: waitTarget })),
  event('NodeFailed', z.object({ ...ofAttempt, error: fault, handling: z.enum(['fail', 'continue', 'branch']) })),
  event('NodeSkipped', z.object({ nodeId })),
  event(
    'NodeLoopStarted',
    z.object({
      ...ofAttempt,
      items: ownPayload,
      count: z.int().min(1),
      batchSize: z.int().min(1),
      concurrency: z.int().min(1),
      onItemError: z.enum(['fail', 'continue']),
      executor: z.string(),
      resumes: z.object(loopRest).optional(),
    }),
  ),
  event(
    'NodeBatchEnded',
    z.object({
      ...ofBatch,
      results: ownPayload,
      errors: z.array(itemError),
      again: z.object({ dueAt: z.string(), indexes: z.array(index), postponed: postponeReason.optional() }).optional(),
      opens: index.optional(),
      executor: z.string(),
    }),
  ),
  event('NodeBatchScheduled', z.object({ ...ofBatch, executor: z.string(), putBacks })),
  event('NodeBatchWaiting', z.object({ ...ofBatch, executionId: z.string() })),
] as const;
