import { z } from 'zod';
import { MAX_VERSION } from '../platform/http/versions.ts';

export const replayBody = z
  .strictObject({
    workflowVersion: z.int().min(1).max(MAX_VERSION).optional().meta({ description: 'Default: that it ran with.' }),
  })
  .nullish();
export type ReplayBody = z.infer<typeof replayBody>;

export const checkBody = z
  .strictObject({
    last: z
      .int()
      .min(1)
      .max(1_000)
      .optional()
      .meta({ description: 'Executions to hold it against. Default 100.', example: 100 }),
  })
  .nullish();
export type CheckBody = z.infer<typeof checkBody>;
