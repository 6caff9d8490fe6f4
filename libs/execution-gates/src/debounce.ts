import { z } from 'zod';

/** The newest execution that came to a debounce gate. */
export const storedNewest = z.object({
  executionId: z.string(),
  /** Says which of two executions is newer, whichever of them reaches the gate first. */
  createdAt: z.string(),
  /** When it reached the gate; milliseconds since 1970, like all instants of gates. */
  arrivedAtMs: z.int(),
  /** The execution that it took the place of while that was held; to be cancelled. */
  superseded: z.string().optional(),
});
export type Newest = Readonly<z.output<typeof storedNewest>>;

export interface Arrival {
  readonly executionId: string;
  readonly createdAt: string;
}

export type Debounced =
  /** It begins at `atMs` unless a newer one comes before. */
  | { readonly kind: 'held'; readonly newest: Newest; readonly atMs: number }
  | { readonly kind: 'superseded'; readonly by: string };

/**
 * What becomes of an execution that reaches the gate at `nowMs`, maybe not for the first time. One that was held for the
 * whole delay is no concern of those that come later.
 */
export function debounce(
  before: Newest | undefined,
  { executionId, createdAt }: Arrival,
  { delayMs, nowMs }: { readonly delayMs: number; readonly nowMs: number },
): Debounced {
  if (before?.executionId === executionId) return { kind: 'held', newest: before, atMs: before.arrivedAtMs + delayMs };
  if (before && isNewer(before, { executionId, createdAt })) return { kind: 'superseded', by: before.executionId };
  const isStillHeld = before !== undefined && nowMs < before.arrivedAtMs + delayMs;
  const newest = {
    executionId,
    createdAt,
    arrivedAtMs: nowMs,
    ...(isStillHeld ? { superseded: before.executionId } : {}),
  };
  return { kind: 'held', newest, atMs: nowMs + delayMs };
}

/** Instants in events are of one length, so texts compare as instants do. */
function isNewer(one: Arrival, other: Arrival): boolean {
  if (one.createdAt !== other.createdAt) return one.createdAt > other.createdAt;
  return one.executionId > other.executionId;
}
