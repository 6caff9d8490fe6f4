import { z } from 'zod';
import { DEAD_LETTER_STATUSES } from '#libs/read-models';
import { pageQuery } from '../platform/http/page.ts';
import { instantField, tokenField } from '../platform/http/query-fields.ts';

const filters = {
  workflowId: tokenField.max(128).optional(),
  nodeId: tokenField.max(64).optional().meta({ description: 'At which it failed.', example: 'notify' }),
  code: z.string().min(1).max(200).optional().meta({ description: 'Of the reason.', example: 'HTTP_STATUS' }),
  from: instantField.optional().meta({ description: 'Set aside at or after.', example: '2026-11-23T00:00:00.000Z' }),
  to: instantField.optional().meta({ description: 'Set aside before.', example: '2026-11-24T00:00:00.000Z' }),
};

export const listDeadLettersQuery = z.strictObject({
  ...pageQuery,
  status: z.enum(DEAD_LETTER_STATUSES).default('open'),
  ...filters,
});
export type ListDeadLettersQuery = z.infer<typeof listDeadLettersQuery>;

/** Dead letters of one job; what is more needs another one. */
export const MAX_LETTERS_OF_A_JOB = 10_000;

const PER_SECOND = { min: 1, max: 100, default: 10 };

export const redriveManyBody = z
  .strictObject({
    filter: z
      .strictObject({
        status: z.literal('open', 'only open ones are redriven: leave it out or send "open"').optional(),
        ...filters,
      })
      .meta({ description: 'As in the list; `{}` stands for all open ones.' }),
    perSecond: z
      .int()
      .min(PER_SECOND.min)
      .max(PER_SECOND.max)
      .default(PER_SECOND.default)
      .meta({ description: 'At most so many are redriven a second.' }),
  })
  .meta({
    id: 'RedriveMany',
    description: 'Which dead letters to redrive, and how fast.',
    examples: [
      { filter: { workflowId: 'wf_01jd9w1c2d3e4f5g6h7j8k9m0n1p2q3r4s5t', code: 'HTTP_STATUS' }, perSecond: 20 },
    ],
  });
export type RedriveManyBody = z.infer<typeof redriveManyBody>;
