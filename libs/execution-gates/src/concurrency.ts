import { z } from 'zod';

/** Executions that a concurrency gate let pass and that are not over, the oldest first. */
export const storedHolders = z.object({ holders: z.array(z.string()).readonly() });
export type Holders = z.output<typeof storedHolders>;

export const NO_HOLDERS: Holders = { holders: [] };

/** Who asks to pass. `limit` and `onLimit` are those of its workflow version: versions share a key. */
export const storedApplicant = z.object({
  executionId: z.string(),
  /** Which of its gates it stands at. */
  gate: z.int().min(0),
  limit: z.int().min(1),
  onLimit: z.enum(['queue', 'skip', 'cancelOldest']),
});
export type Applicant = Readonly<z.output<typeof storedApplicant>>;

export type Turn =
  /** It was let pass before. */
  | { readonly kind: 'holds' }
  | { readonly kind: 'enters'; readonly after: Holders }
  /** Others wait already, and come before it. */
  | { readonly kind: 'behind' }
  | { readonly kind: 'full'; readonly oldest: string };

/** What becomes of an applicant. With `isBehindOthers` it does not take what somebody else waits for. */
export function turnOf(
  { holders }: Holders,
  { executionId, limit }: Applicant,
  { isBehindOthers = false }: { readonly isBehindOthers?: boolean } = {},
): Turn {
  if (holders.includes(executionId)) return { kind: 'holds' };
  if (isBehindOthers) return { kind: 'behind' };
  const [oldest] = holders;
  if (oldest !== undefined && holders.length >= limit) return { kind: 'full', oldest };
  return { kind: 'enters', after: { holders: [...holders, executionId] } };
}

export function without({ holders }: Holders, executionId: string): Holders {
  return { holders: holders.filter((holder) => holder !== executionId) };
}
