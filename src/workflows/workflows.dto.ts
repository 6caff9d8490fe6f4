import { z } from 'zod';
import { pageQuery } from '../platform/http/page.ts';

export const listWorkflowsQuery = z.strictObject({
  ...pageQuery,
  active: z.enum(['true', 'false']).optional(),
  q: z.string().max(200).optional(),
});
export type ListWorkflowsQuery = z.infer<typeof listWorkflowsQuery>;

export const activateBody = z
  .strictObject({ version: z.int().min(1).optional() })
  .optional()
  .nullable();
export type ActivateBody = z.infer<typeof activateBody>;
