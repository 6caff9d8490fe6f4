import { z } from 'zod';
import type { ExecutionId } from '#libs/kernel';
import { pageQuery } from '../platform/http/page.ts';
import { instantField } from '../platform/http/query-fields.ts';

const text = z.string().min(1).max(256);
const place = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const listAuditQuery = z.strictObject({
  ...pageQuery,
  actor: text.optional().meta({ description: 'Id of a user or an API key.' }),
  action: text.optional().meta({ description: 'As in the items, e.g. `workflow.activate`.' }),
  target: text.optional().meta({ description: 'Id or name of what it was done to.' }),
  from: instantField.optional().meta({ description: 'Begun at or after.' }),
  to: instantField.optional().meta({ description: 'Begun before.' }),
});
export type ListAuditQuery = z.output<typeof listAuditQuery>;

export const proofQuery = z
  .strictObject({
    index: place.optional().meta({ description: 'Proves that this entry is in the log.' }),
    from: place.optional().meta({ description: 'Proves that the log began with so many entries.' }),
    executionId: z
      .string()
      .regex(/^ex_[\w-]{1,64}$/)
      .transform((id) => id as ExecutionId)
      .optional()
      .meta({ description: "Proves the entry that has the digest of this execution's history." }),
  })
  .refine((query) => Object.keys(query).length <= 1, 'ask for one proof at a time');
export type ProofQuery = z.output<typeof proofQuery>;
