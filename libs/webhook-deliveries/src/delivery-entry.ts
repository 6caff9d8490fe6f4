import { z } from 'zod';
import { InvariantError } from '#libs/kernel';

/** A call of a webhook that became no execution. Nothing in it is the sender's but its method and address. */
const entrySchema = z.object({
  id: z.string(),
  webhookId: z.string(),
  workspaceId: z.string(),
  at: z.string(),
  /** `answered`: the sender asked something of us and was told, or told us what nobody here asks for. */
  outcome: z.enum(['refused', 'answered']),
  status: z.int(),
  /** The problem's code, or why an answered call started nothing; null when there was no such thing. */
  reason: z.string().nullable(),
  /** Null for several calls. */
  method: z.string().nullable(),
  ip: z.string().nullable(),
  /** How many calls it stands for. */
  calls: z.int().min(1),
});
export type DeliveryEntry = Readonly<z.infer<typeof entrySchema>>;

export function encodeEntry(entry: DeliveryEntry): string {
  return JSON.stringify(entry);
}

/** `sequence` is for the message of an error alone. */
export function decodeEntry(data: Uint8Array, sequence: number): DeliveryEntry {
  const parsed = entrySchema.safeParse(JSON.parse(new TextDecoder().decode(data)));
  if (parsed.success) return parsed.data;
  throw new InvariantError(`message ${sequence} is no entry of the delivery ledger: ${z.prettifyError(parsed.error)}`);
}
