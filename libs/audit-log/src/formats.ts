import { z } from 'zod';
import { checkpointSchema } from './checkpoint.ts';
import { auditEntrySchema, digestField } from './entry.ts';
import { auditKeySchema } from './keys.ts';

const common = {
  workspaceId: z.string().max(128),
  /** Of the installation, the current one first. */
  keys: z.array(auditKeySchema).min(1).max(64),
  checkpoint: checkpointSchema,
};
const path = z.array(digestField).max(64);

/** First line of an export; the entries follow, a line each. */
export const exportHeaderSchema = z.object({ format: z.literal('millrace.audit.export/v1'), ...common });
export type ExportHeader = z.output<typeof exportHeaderSchema>;

/** That one entry is among those of the checkpoint. */
export const inclusionSchema = z.object({
  format: z.literal('millrace.audit.inclusion/v1'),
  ...common,
  entry: auditEntrySchema,
  path,
});
export type Inclusion = z.output<typeof inclusionSchema>;

/** That the log of the checkpoint begins with those `from` entries that had this root. */
export const consistencySchema = z.object({
  format: z.literal('millrace.audit.consistency/v1'),
  ...common,
  from: z.int().min(0),
  fromRoot: digestField,
  path,
});
export type Consistency = z.output<typeof consistencySchema>;
