import { z } from 'zod';
import { pageQuery } from '../platform/http/page.ts';

export const listWorkflowsQuery = z.strictObject({
  ...pageQuery,
  active: z.enum(['true', 'false']).optional(),
  q: z.string().max(200).meta({ description: 'Part of the name, in any case.' }).optional(),
});
export type ListWorkflowsQuery = z.infer<typeof listWorkflowsQuery>;

export const listVersionsQuery = z.strictObject(pageQuery);
export type ListVersionsQuery = z.infer<typeof listVersionsQuery>;

export const activateBody = z
  .strictObject({
    version: z.int().min(1).meta({ description: 'Default: the latest. An older one is a rollback.' }).optional(),
  })
  .optional()
  .nullable();
export type ActivateBody = z.infer<typeof activateBody>;

export const upgradeBody = z.strictObject({}).optional().nullable();
export type UpgradeBody = z.infer<typeof upgradeBody>;

/** 30 days: who changes a URL by hand at its senders needs time, and a URL that is never given up is none that was rotated. */
const MAX_GRACE_MS = 2_592_000_000;

export const rotateBody = z
  .strictObject({
    graceMs: z
      .int()
      .min(0)
      .max(MAX_GRACE_MS)
      .default(0)
      .meta({
        description:
          'For how long the URL of before works too. Without it, none but the new one does: those that were left a time by ' +
          'earlier rotations stop as well.',
        example: 3_600_000,
      }),
  })
  .optional()
  .nullable();
export type RotateBody = z.infer<typeof rotateBody>;
