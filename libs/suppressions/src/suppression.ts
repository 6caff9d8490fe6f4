import { epochMsOf, InvariantError } from '#libs/kernel';
import { z } from 'zod';

export const SUPPRESSION_REASONS = ['hardBounce', 'softBounces', 'complaint', 'unsubscribed', 'manual'] as const;
export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number];

const suppressionSchema = z.object({
  id: z.string(),
  workspaceId: z.string(),
  address: z.string(),
  /** Mail about it is not sent; null: no mail at all. */
  topic: z.string().nullable(),
  reason: z.enum(SUPPRESSION_REASONS),
  /** What a server or a person said; at most 500 characters. */
  detail: z.string().nullable(),
  /** The execution whose mail it was; null where a person put the address on the list. */
  executionId: z.string().nullable(),
  at: z.string(),
  /** Null: until somebody takes it from the list. */
  expiresAt: z.string().nullable(),
});
/** An address that a workspace sends no mail to. */
export type Suppression = Readonly<z.infer<typeof suppressionSchema>>;

export function encodeSuppression(suppression: Suppression): string {
  return JSON.stringify(suppression);
}

/** Undefined for one that was taken from the list. `sequence` is for the message of an error alone. */
export function decodeSuppression(data: Uint8Array, sequence: number): Suppression | undefined {
  if (data.length === 0) return undefined;
  const parsed = suppressionSchema.safeParse(JSON.parse(new TextDecoder().decode(data)));
  if (parsed.success) return parsed.data;
  throw new InvariantError(`message ${sequence} is no suppression: ${z.prettifyError(parsed.error)}`);
}

/** Whether the first one holds for longer than the second. */
export function lastsLonger(one: Pick<Suppression, 'expiresAt'>, other: Pick<Suppression, 'expiresAt'>): boolean {
  return endOf(one) > endOf(other);
}

export function hasExpired(suppression: Pick<Suppression, 'expiresAt'>, nowMs: number): boolean {
  return endOf(suppression) <= nowMs;
}

function endOf({ expiresAt }: Pick<Suppression, 'expiresAt'>): number {
  return expiresAt === null ? Infinity : epochMsOf(expiresAt);
}
