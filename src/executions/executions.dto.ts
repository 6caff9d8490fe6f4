import { z } from 'zod';
import type { JsonValue } from '#libs/kernel';
import { EXECUTION_STATUSES, wordsAskedFor } from '#libs/read-models';
import { pageQuery } from '../platform/http/page.ts';
import { instantField, nodeTypeField, tokenField } from '../platform/http/query-fields.ts';

/** That a search asks for; each is hashed for each of the workspace's shelves. */
const MAX_WORDS = 16;

/** By which executions are found, in a query or in a body. */
export const executionFilters = {
  workflowId: tokenField.max(128).optional(),
  status: z.enum(EXECUTION_STATUSES).optional(),
  trigger: nodeTypeField
    .max(64)
    .optional()
    .meta({ description: 'Type of the node that started it.', example: 'trigger.webhook' }),
  from: instantField.optional().meta({ description: 'Created at or after.', example: '2026-11-23T00:00:00.000Z' }),
  to: instantField.optional().meta({ description: 'Created before.', example: '2026-11-24T00:00:00.000Z' }),
  nodeId: tokenField
    .max(64)
    .optional()
    .meta({ description: 'Where this node took part: it was reached and not skipped.', example: 'notify' }),
  q: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .refine((text) => wordsAskedFor(text).length <= MAX_WORDS, `must have at most ${MAX_WORDS} words`)
    .optional()
    .meta({
      description:
        `At most ${MAX_WORDS} words. ` +
        'Where all these words occur in input, output or error, in any case. Whole words, and whole of what is joined: ' +
        'a text with `A-17` is found by `A-17`, `a` and `17`, one with `ada@example.com` also by `example.com`. ' +
        'A number is known as a whole, an instant by its date. Texts and numbers count, names of fields do not. Of an execution the first 256 words are known, each by its first ' +
        '64 characters; values above 64 KiB are not searched.',
      example: 'A-17',
    }),
};

export const listExecutionsQuery = z.strictObject({ ...pageQuery, ...executionFilters });
export type ListExecutionsQuery = z.infer<typeof listExecutionsQuery>;

/** Events are paged by version, oldest first. */
export const listEventsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(200),
  cursor: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .meta({ description: 'Only events after this version; `nextCursor` of the page before.' }),
});
export type ListEventsQuery = z.infer<typeof listEventsQuery>;

export const stateQuery = z.strictObject({
  version: z.coerce
    .number()
    .int()
    .min(1)
    .meta({ description: 'Of the last event that counts, as `events` numbers them.', example: 3 }),
});
export type StateQuery = z.infer<typeof stateQuery>;

export const startBody = z
  .strictObject({
    input: z
      .custom<JsonValue>(() => true)
      .optional()
      .meta({
        description: "Any JSON: the trigger's `body`. Default null.",
        example: { orderId: 'A-17', amount: 250 },
      }),
    version: z.int().min(1).optional().meta({ description: 'Default: the active one, else the latest.' }),
    mode: z.enum(['live', 'dry']).optional().meta({
      description: '`dry` leaves out what has side effects: such a node gives `{dryRun, type, config}` instead.',
    }),
    pins: z
      .record(
        z.string().max(64),
        z.custom<JsonValue>(() => true),
      )
      .optional()
      .meta({
        description: 'By node id, an output that stands for that of the node, which does not run.',
        example: { notify: { status: 200, headers: {}, body: null } },
      }),
  })
  .nullish();
export type StartBody = z.infer<typeof startBody>;
