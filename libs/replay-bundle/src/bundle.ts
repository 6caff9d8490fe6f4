import { z } from 'zod';
import { executionEventSchema } from '#libs/execution-engine';

export const BUNDLE_FORMAT = 'millrace.replay-bundle';
export const BUNDLE_FORMAT_VERSION = 1;

const json = z.custom<unknown>((value) => value !== undefined);
const workflow = z.strictObject({
  id: z.string(),
  name: z.string(),
  version: z.int().min(1),
  contentHash: z.string(),
  definition: json,
});
const commit = z.strictObject({
  firstVersion: z.int().min(1),
  at: z.iso.datetime(),
  actor: z.strictObject({ type: z.enum(['user', 'apiKey']), id: z.string() }).optional(),
  events: z.array(executionEventSchema).min(1),
});

/** What stands in a bundle of this version; a field that it does not know is refused, since it may change what the others mean. */
export const bundleSchema = z.strictObject({
  format: z.literal(BUNDLE_FORMAT),
  formatVersion: z.literal(BUNDLE_FORMAT_VERSION),
  executionId: z.string(),
  workspaceId: z.string(),
  workflow,
  commits: z.array(commit).min(1),
  digests: z.strictObject({ history: z.string(), events: z.array(z.string()) }),
});
export type ReplayBundle = z.output<typeof bundleSchema>;
export type BundledCommit = ReplayBundle['commits'][number];
export type BundledWorkflow = Omit<ReplayBundle['workflow'], 'definition'> & { readonly definition: unknown };
