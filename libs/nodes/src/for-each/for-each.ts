import type { JsonObject, JsonValue } from '#libs/kernel';
import { anyJson, anyJsonObject, defineNodeType, type InnerNode } from '#libs/node-kit';
import { z } from 'zod';

/** A batch is one fact of the history, which may have 20,000: with items that are executions, each is two. */
const MAX_ITEMS = 20_000;
const MAX_EXECUTIONS = 5_000;

interface ForEachConfig {
  readonly items: readonly JsonValue[];
  readonly concurrency: number;
  readonly batchSize?: number;
  readonly onItemError: 'fail' | 'continue';
  readonly node?: JsonObject;
  readonly workflowId?: string;
}

const innerNode = z
  .strictObject({
    type: z.string().min(1).max(128),
    config: anyJsonObject().default({}),
    retry: anyJsonObject().optional(),
    timeoutMs: z.int().min(1).max(86_400_000).optional(),
  })
  .meta({ description: 'An action as in `nodes`, without id and connections; `item` and `index` are in scope.' });

const configSchema: z.ZodType<ForEachConfig> = z
  .strictObject({
    items: z.array(anyJson()).max(MAX_ITEMS),
    concurrency: z.int().min(1).max(100).default(1).meta({ description: 'Items worked on at once.' }),
    batchSize: z.int().min(1).max(1_000).optional().meta({
      description:
        'Items done one after the other by one worker, and recorded at once; at most as many as give each of `concurrency` something to do. Default 100.',
    }),
    onItemError: z.enum(['fail', 'continue']).default('fail'),
    node: innerNode.optional(),
    workflowId: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .meta({ description: `Each item is the input of an execution of it; at most ${MAX_EXECUTIONS} items.` }),
  })
  .refine(({ node, workflowId }) => (node === undefined) !== (workflowId === undefined), {
    path: ['node'],
    error: 'either node or workflowId says what is done with each item',
  })
  .refine(({ items, workflowId }) => workflowId === undefined || items.length <= MAX_EXECUTIONS, {
    path: ['items'],
    error: `an execution for each item is made for at most ${MAX_EXECUTIONS}`,
  });

export const forEachNode = defineNodeType<ForEachConfig>({
  type: 'forEach',
  kind: 'action',
  title: 'For each',
  description: 'Does the same with each item of a list: an action, or an execution of another workflow.',
  runs: 'engine',
  configSchema,
  perItem: ['node'],
  outputsOf: () => ['main'],
  innerOf,
  begin: ({ items, concurrency, batchSize, onItemError }) => ({
    kind: 'loop',
    items,
    concurrency,
    ...(batchSize === undefined ? {} : { batchSize }),
    onItemError,
  }),
});

function innerOf({ node, workflowId }: JsonObject): InnerNode | undefined {
  if (typeof workflowId === 'string') {
    return { type: 'subworkflow', config: { workflowId, input: '{{ item }}' }, path: 'config' };
  }
  const parsed = innerNode.safeParse(node);
  if (!parsed.success) return undefined;
  const { type, config, retry, timeoutMs } = parsed.data;
  return {
    type,
    config,
    ...(retry === undefined ? {} : { retry }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    path: 'node.config',
  };
}
