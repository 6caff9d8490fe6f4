import { z } from 'zod';
import { MAX_TARGETS } from '#libs/bulk-jobs';
import type { ExecutionStatus } from '#libs/execution-engine';
import { executionFilters } from '../executions/executions.dto.ts';
import { instantField, tokenField } from '../platform/http/query-fields.ts';
import { nodeIdParam } from '../executions/steering.dto.ts';

const PER_SECOND = { min: 1, max: 100, default: 10 };

const perSecond = z
  .int()
  .min(PER_SECOND.min)
  .max(PER_SECOND.max)
  .default(PER_SECOND.default)
  .meta({ description: 'At most so many are worked on a second.' });
const dryRun = z
  .boolean()
  .default(false)
  .meta({ description: 'Goes through all of them and counts what would be done, and does nothing.' });

/** What an action is for: executions in other states are not looked for. */
export const STATUSES_FOR: Readonly<Record<'cancel' | 'retry', readonly ExecutionStatus[]>> = {
  cancel: ['queued', 'running', 'waiting'],
  retry: ['failed', 'timedOut', 'cancelled'],
};

export const bulkBody = z
  .strictObject({
    action: z.enum(['cancel', 'retry']),
    filter: z.strictObject(executionFilters).meta({
      description: `As in the list. Of what matches the newest ${MAX_TARGETS} that the action is for, the oldest first.`,
    }),
    from: nodeIdParam.optional().meta({ description: 'Of a retry, as there. Default `failed`.' }),
    version: z.enum(['same', 'latest']).optional().meta({ description: 'Of a retry, as there. Default `same`.' }),
    perSecond,
    dryRun,
  })
  .refine(({ action, from, version }) => action === 'retry' || (from === undefined && version === undefined), {
    message: 'only a retry takes from and version',
    path: ['action'],
  })
  .refine(({ action, filter: { status } }) => status === undefined || STATUSES_FOR[action].includes(status), {
    message: 'cancel is for queued, running and waiting ones; retry for failed, timedOut and cancelled ones',
    path: ['filter', 'status'],
  })
  .meta({
    id: 'BulkAction',
    description: 'What to do, to which executions, and how fast.',
    examples: [{ action: 'retry', filter: { status: 'failed', from: '2026-11-23T00:00:00.000Z' }, perSecond: 20 }],
  });
export type BulkBody = z.infer<typeof bulkBody>;

export const backfillBody = z
  .strictObject({
    webhookId: tokenField.max(128).meta({
      description: 'Of this workspace, of any workflow: its accepted calls are fed to this workflow.',
      example: 'wh_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t',
    }),
    from: instantField.meta({ description: 'Accepted at or after.', example: '2026-11-23T00:00:00.000Z' }),
    to: instantField.optional().meta({ description: 'Accepted before. Default: now.' }),
    nodeId: nodeIdParam
      .optional()
      .meta({ description: 'Trigger to begin at. Default: the first webhook trigger, else the first trigger.' }),
    version: z.int().min(1).optional().meta({ description: 'Default: the active one, else the latest.' }),
    mode: z.enum(['live', 'dry']).optional().meta({ description: 'As of an execution that is started by hand.' }),
    perSecond,
    dryRun,
  })
  .meta({
    id: 'Backfill',
    description: 'Which calls to feed to the workflow, and how fast.',
    examples: [{ webhookId: 'wh_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t', from: '2026-11-23T00:00:00.000Z' }],
  });
export type BackfillBody = z.infer<typeof backfillBody>;
