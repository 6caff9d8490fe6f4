import { z } from 'zod';
import { isJsonObject, type JsonObject } from '#libs/kernel';
import type { ExecutionEvent } from './events.ts';
import { attempt, event, fault, loopRest, NODE_EVENTS, ownPayload } from './node-event-schemas.ts';

// Released shapes are frozen: a new one comes as an upcaster with a stored sample, never as an edit here.
const origin = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('child'),
    executionId: z.string(),
    nodeId: z.string(),
    attempt,
    batch: z.int().min(0).optional(),
    depth: z.int().min(1),
    waits: z.boolean(),
  }),
  z.object({ kind: z.literal('errorWorkflow'), executionId: z.string() }),
  z.object({
    kind: z.literal('redrive'),
    executionId: z.string(),
    version: z.int().min(1),
    deadLetterId: z.string(),
  }),
  z.object({
    kind: z.literal('retry'),
    executionId: z.string(),
    version: z.int().min(1),
    from: z.string().optional(),
    deadLetterId: z.string().optional(),
  }),
  z.object({
    kind: z.literal('fork'),
    executionId: z.string(),
    version: z.int().min(1),
    overrides: z.array(z.string()).optional(),
  }),
  z.object({ kind: z.literal('redelivery'), executionId: z.string() }),
  z.object({ kind: z.literal('backfill'), executionId: z.string(), jobId: z.string() }),
]);
const keptResult = z.union([
  z.object({
    status: z.enum(['succeeded', 'failed']),
    attempt,
    output: ownPayload,
    leavesBy: z.array(z.string()),
  }),
  z.object({ status: z.literal('skipped') }),
]);
const keptLoop = z.object({ items: ownPayload, count: z.int().min(1), batchSize: z.int().min(1), ...loopRest });
const gate = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('debounce'), key: z.string(), delayMs: z.number() }),
  z.object({ kind: z.literal('throttle'), key: z.string(), limit: z.number(), perMs: z.number() }),
  z.object({
    kind: z.literal('concurrency'),
    key: z.string(),
    limit: z.number(),
    onLimit: z.enum(['queue', 'skip', 'cancelOldest']),
  }),
]);
const gateIndex = z.int().min(0);
const drift = z.object({
  index: z.int().min(0).optional(),
  path: z.string(),
  expected: z.string(),
  found: z.string(),
});

const EXECUTION_EVENTS = [
  event(
    'ExecutionStarted',
    z.object({
      workspaceId: z.string(),
      workflowId: z.string(),
      workflowVersion: z.int().min(1),
      trigger: z.object({ type: z.string(), nodeId: z.string() }),
      input: ownPayload,
      files: z.record(z.string(), ownPayload).optional(),
      priority: z.enum(['high', 'normal', 'low']),
      vars: z.custom<JsonObject>(isJsonObject).optional(),
      origin: origin.optional(),
      mode: z.literal('dry').optional(),
      pins: z.record(z.string(), ownPayload).optional(),
    }),
  ),
  event(
    'ResultsKept',
    z.object({
      nodes: z.record(z.string(), keptResult),
      loops: z.record(z.string(), keptLoop).optional(),
      signals: z.array(z.object({ name: z.string(), payload: ownPayload })).optional(),
    }),
  ),
  event('AdmissionRequested', z.object({ gates: z.array(gate) })),
  event('AdmissionHeld', z.object({ gate: gateIndex, until: z.string().optional() })),
  event('AdmissionGranted', z.object({ gate: gateIndex })),
  event('ExecutionBegan', z.object({ timeoutAt: z.string() })),
  event('SignalReceived', z.object({ name: z.string(), payload: ownPayload })),
  event('SignalDelivered', z.object({ name: z.string(), nodeId: z.string() })),
  event('TimerFired', z.object({ timerId: z.string() })),
  event('TimerRearmed', z.object({ timerId: z.string() })),
  event('ResponseDrifted', z.object({ nodeId: z.string(), attempt, drift: z.array(drift) })),
  event('ExecutionSucceeded', z.object({ endNodes: z.array(z.string()) })),
  event('ExecutionFailed', z.object({ error: fault.extend({ nodeId: z.string(), attempt }) })),
  event('ExecutionCancelRequested', z.object({ reason: fault.optional() })),
  event('ExecutionCancelled', z.object({ reason: fault.optional() })),
  event('ExecutionTimedOut', z.object({ error: fault.extend({ nodeId: z.string(), attempt }) })),
] as const;

/** Parses what the log gives back; unknown fields of newer writers are dropped, unknown types are refused. */
export const executionEventSchema: z.ZodType<ExecutionEvent> = z.discriminatedUnion('type', [
  ...EXECUTION_EVENTS,
  ...NODE_EVENTS,
]);
