import { z } from 'zod';

/** How a mailbox is doing, as it is stored for others to read. */
export const inboxState = z.object({
  kind: z.enum(['watching', 'waiting', 'refused']),
  /** Why it is not watched; null while it is. */
  code: z.string().nullable(),
  message: z.string().nullable(),
  since: z.string(),
});
export type StoredInboxState = Readonly<z.infer<typeof inboxState>>;

const checkpoint = z.object({
  uidValidity: z.string(),
  lastUid: z.number(),
  fingerprints: z.array(z.string()).readonly().exactOptional(),
  since: z.string().exactOptional(),
  renumberedBelow: z.number().exactOptional(),
  isUnfinished: z.literal(true).exactOptional(),
});

export function parseCheckpoint(data: Uint8Array) {
  return checkpoint.parse(JSON.parse(new TextDecoder().decode(data)));
}
