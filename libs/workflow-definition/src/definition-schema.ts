import { z } from 'zod';
import { anyJsonObject } from '#libs/node-kit';
import type { RetryPolicy, WorkflowDefinition } from './definition.ts';

const HOUR_MS = 3_600_000;
const LONGEST_ATTEMPT_MS = 24 * HOUR_MS;
const LONGEST_EXECUTION_MS = 366 * 24 * HOUR_MS;
const LONGEST_DELAY_MS = 24 * HOUR_MS;

export const NODE_ID = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const NODE_ID_MESSAGE = 'must be a letter followed by at most 63 letters, digits, dashes and underscores';

const delayMs = z.int().min(1).max(LONGEST_DELAY_MS);
const errorCodes = z.array(z.string().min(1).max(100)).min(1).max(100);

const retrySchema: z.ZodType<RetryPolicy> = z
  .strictObject({
    maxAttempts: z.int().min(1).max(100),
    backoff: z.enum(['fixed', 'linear', 'exponential']).default('exponential'),
    initialMs: delayMs.default(1_000),
    maxMs: delayMs.default(60_000),
    jitter: z.boolean().default(true),
    retryOn: errorCodes.optional(),
    dontRetryOn: errorCodes.optional(),
  })
  .refine((retry) => retry.initialMs <= retry.maxMs, {
    path: ['initialMs'],
    error: 'must not be above maxMs (default 60000)',
  });

const nodeSchema = z.strictObject({
  id: z.string().regex(NODE_ID, NODE_ID_MESSAGE),
  type: z.string().min(1).max(128),
  config: anyJsonObject().default({}),
  retry: retrySchema.optional(),
  timeoutMs: z.int().min(1).max(LONGEST_ATTEMPT_MS).optional(),
  onError: z.enum(['fail', 'continue', 'branch']).optional(),
  join: z.enum(['all', 'any']).optional(),
});

const connectionSchema = z.strictObject({
  from: z.string().min(1),
  to: z.string().min(1),
  output: z.string().min(1).default('main'),
});

const settingsSchema = z.strictObject({
  timeoutMs: z.int().min(1).max(LONGEST_EXECUTION_MS).optional(),
  priority: z.enum(['high', 'normal', 'low']).default('normal'),
  concurrency: z
    .strictObject({ limit: z.int().min(1).max(10_000), key: z.string().min(1).max(4_096).optional() })
    .optional(),
});

/** The shape of a definition with its defaults; everything that needs more than one value to judge is checked elsewhere. */
export const definitionSchema: z.ZodType<WorkflowDefinition> = z.strictObject({
  name: z
    .string()
    .max(200)
    .refine((name) => name.trim() !== '', 'must not be empty'),
  nodes: z.array(nodeSchema),
  connections: z.array(connectionSchema).default([]),
  settings: settingsSchema.default({ priority: 'normal' }),
});
