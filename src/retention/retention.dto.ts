import { z } from 'zod';

export const retentionBody = z
  .strictObject({
    days: z.int().min(1).max(36_500).nullable().meta({
      description: 'Days after its end that an execution is kept; null: as long as the installation says.',
    }),
  })
  .meta({ id: 'RetentionWish', description: 'How long to keep executions.', examples: [{ days: 90 }] });
export type RetentionBody = z.infer<typeof retentionBody>;

export const retentionView = z
  .object({
    days: z.int().nullable().meta({ description: 'That the workspace asked for.' }),
    effectiveDays: z.int().nullable().meta({ description: 'That count; null: for ever.' }),
  })
  .meta({
    id: 'Retention',
    description: 'How long the workspace keeps executions that are over.',
    examples: [{ days: 90, effectiveDays: 90 }],
  });
export type RetentionView = z.output<typeof retentionView>;

export const erasedView = z
  .object({
    executionId: z.string(),
    mayAlsoBeIn: z.array(z.string()).meta({
      description: 'Executions that it comes from, or that came of it: they may hold the same data, and keep it.',
    }),
  })
  .meta({
    id: 'ErasedData',
    description: 'What was erased, and where the same data may be.',
    examples: [{ executionId: 'ex_01jd9w3n0k8r2vq4t6x8z0b2d4f6h8j0m2p4', mayAlsoBeIn: [] }],
  });
export type ErasedView = z.output<typeof erasedView>;
