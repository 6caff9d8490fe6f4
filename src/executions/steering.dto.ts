import { z } from 'zod';
import type { JsonValue } from '#libs/kernel';
import { EXECUTION_STATUSES } from '#libs/read-models';

export const signalName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_-]{0,63}$/,
    'must be a letter followed by at most 63 letters, digits, dashes and underscores',
  )
  .meta({ example: 'approved' });

export const nodeIdParam = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'must be the id of a node')
  .meta({ example: 'notify' });

const anyJson = z.custom<JsonValue>(() => true);

export const signalBody = anyJson
  .optional()
  .meta({ description: 'Any JSON: what the node gives. Default null.', example: { approved: true, by: 'Ada' } });

export const settleBody = z
  .discriminatedUnion('outcome', [
    z.strictObject({
      outcome: z.literal('succeeded'),
      output: anyJson.optional().meta({ description: 'Of the node, as if it had given it. Default null.' }),
    }),
    z.strictObject({ outcome: z.literal('retry') }).meta({ description: 'The attempt is made once more.' }),
    z.strictObject({
      outcome: z.literal('failed'),
      message: z.string().max(2_000).default('a person said that it failed'),
    }),
  ])
  .meta({
    id: 'AttemptVerdict',
    description: 'What came of an attempt that is in doubt.',
    examples: [{ outcome: 'succeeded', output: { paid: true } }],
  });
export type SettleBody = z.output<typeof settleBody>;

/** What a change of an execution is answered. */
export const steeredView = z.object({ executionId: z.string(), status: z.enum(EXECUTION_STATUSES) }).meta({
  id: 'SteeredExecution',
  description: 'The execution as it is afterwards.',
  examples: [{ executionId: 'ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4', status: 'cancelled' }],
});
export type SteeredView = z.output<typeof steeredView>;
