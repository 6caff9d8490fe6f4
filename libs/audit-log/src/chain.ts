import { z } from 'zod';
import { InvariantError } from '#libs/kernel';
import { createFrontier, EMPTY_FRONTIER, extendFrontier, rootOf, type Frontier } from '#libs/merkle-tree';
import { checkpointSchema, type Checkpoint } from './checkpoint.ts';
import { digestField, type AuditEntry, type AuditFact } from './entry.ts';
import { fromHex, hashOfEntry, NOTHING_BEFORE, toHex, treeHasher } from './hashing.ts';

/** All that must be known of a log to go on with it. */
export interface ChainEnd {
  readonly frontier: Frontier;
  /** Hash of the last entry. */
  readonly last: string;
}

export const EMPTY_CHAIN: ChainEnd = { frontier: EMPTY_FRONTIER, last: NOTHING_BEFORE };

/** What each message carries beside its entries: whoever reads the last one knows where the log ends, and can go on. */
const endSchema = z.object({ checkpoint: checkpointSchema, frontier: z.array(digestField).max(53) });
export type StoredEnd = z.output<typeof endSchema>;

export function extendChain(
  { frontier, last }: ChainEnd,
  facts: readonly AuditFact[],
  at: string,
): { readonly entries: readonly AuditEntry[]; readonly end: ChainEnd } {
  const entries: AuditEntry[] = [];
  let end: ChainEnd = { frontier, last };
  for (const fact of facts) {
    const entry: AuditEntry = { index: end.frontier.size, at, previous: end.last, ...fact };
    const hash = hashOfEntry(entry);
    end = { frontier: extendFrontier(treeHasher, end.frontier, hash), last: toHex(hash) };
    entries.push(entry);
  }
  return { entries, end };
}

export function rootHexOf({ frontier }: ChainEnd): string {
  return toHex(rootOf(treeHasher, frontier));
}

export function storedEndOf({ frontier }: ChainEnd, checkpoint: Checkpoint): StoredEnd {
  return { checkpoint, frontier: frontier.roots.map(toHex) };
}

/** Throws InvariantError for what no version of this program wrote. */
export function parseStoredEnd(snapshot: unknown): StoredEnd {
  const parsed = endSchema.safeParse(snapshot);
  if (parsed.success) return parsed.data;
  throw new InvariantError(`the end of an audit log is not readable: ${z.prettifyError(parsed.error)}`);
}

/** Where the log ends. Throws InvariantError when the frontier is not of the tree that the checkpoint names. */
export function chainEndOf({ checkpoint, frontier: roots }: StoredEnd, lastEntry: AuditEntry): ChainEnd {
  const frontier = createFrontier(checkpoint.size, roots.map(fromHex));
  const isEnd = lastEntry.index === checkpoint.size - 1;
  const end = frontier && { frontier, last: toHex(hashOfEntry(lastEntry)) };
  if (end && isEnd && rootHexOf(end) === checkpoint.root) return end;
  throw new InvariantError(`the audit log of ${checkpoint.workspaceId} does not end as its checkpoint says`);
}
