import { z } from 'zod';
import { anyJsonObject } from '#libs/node-kit';
import type {
  ConnectionDefinition,
  NodeDefinition,
  RetryPolicy,
  WorkflowDefinition,
  WorkflowSettings,
} from './definition.ts';
import { EXAMPLE_DEFINITION } from './example-definition.ts';
import { DEFINITION_LIMITS } from './limits.ts';

const HOUR_MS = 3_600_000;
const LONGEST_ATTEMPT_MS = 24 * HOUR_MS;
const LONGEST_EXECUTION_MS = 366 * 24 * HOUR_MS;
const LONGEST_DELAY_MS = 24 * HOUR_MS;

export const NODE_ID = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const NODE_ID_MESSAGE = 'must be a letter followed by at most 63 letters, digits, dashes and underscores';

/** Bounds of what a trigger may hold back, so that a forgotten one is noticed. */
const LONGEST_HOLD_MS = 24 * HOUR_MS;

const keyTemplate = z.string().min(1).max(4_096).meta({
  description: 'May hold expressions over `trigger`; executions with equal values belong together.',
  example: '{{ trigger.body.customer.id }}',
});
const delayMs = z.int().min(1).max(LONGEST_DELAY_MS);
const errorCodes = z.array(z.string().min(1).max(100)).min(1).max(100);

export const retrySchema: z.ZodType<RetryPolicy> = z
  .strictObject({
    maxAttempts: z.int().min(1).max(100).meta({ description: 'Attempts in all.' }),
    backoff: z.enum(['fixed', 'linear', 'exponential']).default('exponential'),
    initialMs: delayMs.default(1_000),
    maxMs: delayMs.default(60_000),
    jitter: z.boolean().default(true),
    retryOn: errorCodes.meta({ description: 'Codes of errors to retry, whatever they are otherwise.' }).optional(),
    dontRetryOn: errorCodes.meta({ description: 'Codes of errors never to retry.' }).optional(),
  })
  .refine((retry) => retry.initialMs <= retry.maxMs, {
    path: ['initialMs'],
    error: 'must not be above maxMs (default 60000)',
  })
  .meta({ id: 'RetryPolicy', description: 'Whether and when a failed attempt is followed by another.' });

export const nodeSchema: z.ZodType<NodeDefinition> = z
  .strictObject({
    id: z.string().regex(NODE_ID, NODE_ID_MESSAGE).meta({ description: 'Unique in the workflow.', example: 'notify' }),
    type: z.string().min(1).max(128).meta({ description: 'From `GET /v1/node-types`.', example: 'http.request' }),
    config: anyJsonObject()
      .default({})
      .meta({ description: 'By the schema of the node type; every string may hold expressions.' }),
    retry: retrySchema.optional(),
    timeoutMs: z.int().min(1).max(LONGEST_ATTEMPT_MS).meta({ description: 'Of one attempt.' }).optional(),
    onError: z.enum(['fail', 'continue', 'branch']).optional(),
    join: z.enum(['all', 'any']).optional(),
    onInterrupted: z
      .enum(['retry', 'fail', 'ask'])
      .meta({
        description:
          'When the worker died in the middle of an attempt: another attempt (the default), a failure `INTERRUPTED`, or a person is asked what came of it (`GET /v1/in-doubt`). Where the other side never answered and repeating may do it twice, a person is asked unless this is `fail`.',
      })
      .optional(),
    debounce: z
      .strictObject({ delayMs: z.int().min(1).max(LONGEST_HOLD_MS), key: keyTemplate.optional() })
      .meta({
        description:
          'Of a trigger: only the newest execution with the key begins, once none came for `delayMs`; the others are cancelled.',
      })
      .optional(),
    throttle: z
      .strictObject({
        limit: z.int().min(1).max(10_000),
        perMs: z.int().min(1).max(LONGEST_HOLD_MS),
        key: keyTemplate.optional(),
      })
      .meta({
        description:
          'Of a trigger: at most `limit` executions with the key begin in any `perMs`; the others wait their turn.',
      })
      .optional(),
  })
  .meta({ id: 'WorkflowNode', description: 'A step of the graph.' });

export const connectionSchema: z.ZodType<ConnectionDefinition> = z
  .strictObject({
    from: z.string().min(1).meta({ description: 'Id of a node.', example: 'big' }),
    to: z.string().min(1).meta({ description: 'Id of a node.', example: 'notify' }),
    output: z
      .string()
      .min(1)
      .default('main')
      .meta({ description: 'Output of `from` by which the flow leaves.', example: 'true' }),
  })
  .meta({ id: 'WorkflowConnection', description: 'Leads from an output of a node to another node.' });

export const settingsSchema: z.ZodType<WorkflowSettings> = z
  .strictObject({
    timeoutMs: z.int().min(1).max(LONGEST_EXECUTION_MS).meta({ description: 'Of a whole execution.' }).optional(),
    priority: z.enum(['high', 'normal', 'low']).default('normal'),
    concurrency: z
      .strictObject({
        limit: z.int().min(1).max(1_000),
        key: keyTemplate.optional(),
        onLimit: z.enum(['queue', 'skip', 'cancelOldest']).default('queue'),
      })
      .meta({ description: 'How many executions with the key may be under way at once, and what happens to one more.' })
      .optional(),
    errorWorkflow: z
      .string()
      .regex(/^wf_[\w-]{1,64}$/, 'must be the id of a workflow, such as wf_…')
      .meta({ description: 'Started once for every execution that failed or timed out, with that as its input.' })
      .optional(),
  })
  .meta({ id: 'WorkflowSettings', description: 'What holds for every execution.' });

export const nameSchema = z
  .string()
  .max(200)
  .refine((name) => name.trim() !== '', 'must not be empty')
  .meta({ example: 'Big orders' });

/** The shape of a definition with its defaults; everything that needs more than one value to judge is checked elsewhere. */
export const definitionSchema: z.ZodType<WorkflowDefinition> = z
  .strictObject({
    name: nameSchema,
    nodes: z.array(nodeSchema).meta({ description: `At most ${DEFINITION_LIMITS.nodes}.` }),
    connections: z
      .array(connectionSchema)
      .default([])
      .meta({ description: `At most ${DEFINITION_LIMITS.connections}. The graph must be acyclic.` }),
    settings: settingsSchema.default({ priority: 'normal' }),
  })
  .meta({
    id: 'WorkflowDefinition',
    description: 'A graph of nodes that a trigger starts. At most 1 MiB of JSON.',
    examples: [EXAMPLE_DEFINITION],
  });
