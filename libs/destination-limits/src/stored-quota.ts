import { z } from 'zod';
import type { QuotaPhase, QuotaState, QuotaTerms } from './quota.ts';

const ms = z.number().min(0);
const count = z.int().min(0);

const slot = z.object({ startsAtMs: ms, granted: count });

const phase: z.ZodType<QuotaPhase> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('untold'), limit: z.number().min(0), trial: slot, before: slot.exactOptional() }),
  z.object({ kind: z.literal('told'), limit: count, startedAtMs: ms, endsFromMs: ms, endsToMs: ms, left: count }),
  z.object({ kind: z.literal('unlimited'), startedAtMs: ms, untilMs: ms }),
  z.object({ kind: z.literal('counted'), slots: z.array(slot) }),
]);

const state: z.ZodType<QuotaState> = z.object({
  phase,
  line: z.object({ sinceMs: ms, nextMs: ms, endsAtMs: ms }).exactOptional(),
});

/** What workers share of a quota, as JSON. */
export interface StoredQuota {
  readonly workspaceId: string;
  /** What it is called, e.g. `cr_1@api.github.com`. */
  readonly key: string;
  /** As the node type said when it was last taken from. */
  readonly terms: QuotaTerms;
  readonly state: QuotaState;
}

/** Parses what is stored; throws ZodError. */
export const storedQuota: z.ZodType<StoredQuota> = z.object({
  workspaceId: z.string(),
  key: z.string(),
  terms: z.object({ limit: z.number().min(0), perMs: z.number().min(1), learns: z.boolean() }),
  state,
});
