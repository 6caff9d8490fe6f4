import { z } from 'zod';

/** What a call of a webhook URL needs to know; one entry of the `routes` bucket under the URL's token. */
export const routeSchema = z.object({
  webhookId: z.string(),
  workspaceId: z.string(),
  workflowId: z.string(),
  /** The active version, which the execution will have to its end. */
  version: z.int().min(1),
  nodeId: z.string(),
  /** Upper case. */
  methods: z.array(z.string()),
  maxBodyBytes: z.int().min(1),
  /** Workspace variables that the version reads. Entries written before there were any do not say. */
  variables: z.union([z.array(z.string()).readonly(), z.literal('all')]).default('all'),
  priority: z.enum(['high', 'normal', 'low']),
});
export type Route = z.infer<typeof routeSchema>;
