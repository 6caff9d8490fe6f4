import { z } from 'zod';
import type { JsonValue } from '#libs/kernel';
import { pageQuery } from '../platform/http/page.ts';

const STATUSES = ['queued', 'running', 'waiting', 'succeeded', 'failed', 'cancelled', 'timedOut'] as const;

export const listExecutionsQuery = z.strictObject({
  ...pageQuery,
  workflowId: z.string().max(128).optional(),
  status: z.enum(STATUSES).optional(),
  trigger: z.string().max(64).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  to: z.iso.datetime({ offset: true }).optional(),
});
export type ListExecutionsQuery = z.infer<typeof listExecutionsQuery>;

/** Events are paged by version, oldest first. */
export const listEventsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(200),
  cursor: z.coerce.number().int().min(0).optional(),
});
export type ListEventsQuery = z.infer<typeof listEventsQuery>;

export const startBody = z
  .strictObject({
    input: z.custom<JsonValue>(() => true).optional(),
    version: z.int().min(1).optional(),
    mode: z.literal('live', 'mode "dry" is not supported yet: leave it out or send "live"').optional(),
  })
  .nullish();
export type StartBody = z.infer<typeof startBody>;
