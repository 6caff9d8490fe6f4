import { z } from 'zod';
import type { JsonValue } from '#libs/kernel';
import { EXECUTION_STATUSES } from '#libs/read-models';
import { nodeIdParam } from './steering.dto.ts';

export const retryBody = z
  .strictObject({
    from: nodeIdParam.default('failed').meta({
      description:
        '`failed`: wherever it failed or was stopped. Or the id of a node, which is done again with all that lies behind it.',
      example: 'failed',
    }),
    version: z
      .enum(['same', 'latest'])
      .default('same')
      .meta({ description: 'Of the workflow: that of the execution, or the latest.' }),
  })
  .prefault({})
  .meta({
    id: 'RetryExecution',
    description: 'Where to begin again.',
    examples: [{ from: 'failed', version: 'latest' }],
  });
export type RetryBody = z.infer<typeof retryBody>;

export const forkBody = z
  .strictObject({
    at: z.int().min(1).meta({ description: 'The last event that both share, as `events` numbers them.', example: 1 }),
    workflowVersion: z.int().min(1).optional().meta({ description: 'Default: that of the execution.' }),
    overrides: z
      .record(
        z.string().max(64),
        z.custom<JsonValue>(() => true),
      )
      .optional()
      .meta({
        description:
          'By node id: in place of the output that the node had by then; a node that had none does not run and gives this. Of ' +
          'the trigger: the input.',
      }),
  })
  .meta({ id: 'ForkExecution', description: 'Where two histories part, and how.', examples: [{ at: 1 }] });
export type ForkBody = z.infer<typeof forkBody>;

const related = z
  .object({
    executionId: z.string(),
    workflowId: z.string(),
    workflowVersion: z.int().min(1),
    status: z.enum(EXECUTION_STATUSES),
    createdAt: z.iso.datetime(),
    origin: z
      .object({
        kind: z
          .enum(['child', 'errorWorkflow', 'redrive', 'retry', 'fork', 'redelivery', 'backfill'])
          .meta({ description: 'More kinds may come.' }),
        executionId: z.string().meta({ description: 'That it comes from.' }),
        version: z.int().min(1).optional().meta({ description: 'Of the last event that both share.' }),
        nodeId: z.string().optional().meta({ description: 'Of the node that started it.' }),
      })
      .nullable(),
  })
  .meta({ id: 'RelatedExecution', description: 'One of the executions that come from each other.' });

export const lineageView = z
  .object({
    ancestors: z.array(related).meta({ description: 'What it comes from, the nearest first.' }),
    descendants: z.array(related).meta({ description: 'All that came of it, the nearest first.' }),
    isCut: z.boolean().meta({ description: 'Whether there are more descendants.' }),
  })
  .meta({
    id: 'Lineage',
    description: 'Where an execution comes from, and what came of it.',
    examples: [{ ancestors: [], descendants: [], isCut: false }],
  });
export type LineageView = z.output<typeof lineageView>;
export type RelatedView = z.output<typeof related>;
