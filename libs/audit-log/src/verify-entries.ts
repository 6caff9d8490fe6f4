import { EMPTY_FRONTIER, extendFrontier, rootOf, type Frontier } from '#libs/merkle-tree';
import { isJsonObject, type JsonObject } from '#libs/kernel';
import type { Checkpoint } from './checkpoint.ts';
import { DIGEST_PATTERN } from './entry.ts';
import { fromHex, hashOfEntry, NOTHING_BEFORE, toHex, treeHasher } from './hashing.ts';
import type { VerifyProblem } from './verdict.ts';

/** What an earlier or later export, or checkpoint, of the same log says. */
export interface OtherEvidence {
  readonly checkpoint: Checkpoint;
  /** Hashes of its entries, where it has them. */
  readonly hashes?: AsyncIterator<string>;
}

/** An entry as it was read: only what the chain needs is known of it. */
interface ReadEntry {
  readonly index: unknown;
  readonly previous: unknown;
  readonly hash: string;
}

export interface WalkedEntries {
  readonly entries: number;
  readonly problem: VerifyProblem | undefined;
}

/** Follows the chain from the first entry to the checkpoint, and stops at what is wrong first. */
export async function walkEntries(
  lines: AsyncIterator<string>,
  checkpoint: Checkpoint,
  other?: OtherEvidence,
): Promise<WalkedEntries> {
  let frontier: Frontier = EMPTY_FRONTIER;
  let before = { hash: NOTHING_BEFORE, frontier };
  for (;;) {
    const entry = await readEntry(lines);
    const place = { index: frontier.size, before, checkpoint, otherHash: await nextHash(other) };
    const problem =
      problemWith(other, frontier) ??
      (entry
        ? (problemOfEntry(entry, place) ?? (await problemOfLink(entry, place, lines)))
        : problemAtEnd(frontier, checkpoint));
    if (problem || !entry) return { entries: frontier.size, problem };
    before = { hash: entry.hash, frontier };
    frontier = extendFrontier(treeHasher, frontier, fromHex(entry.hash));
  }
}

/** Where an entry was found. */
interface Place {
  readonly index: number;
  /** The entry before it: its hash, and the tree without it. */
  readonly before: { readonly hash: string; readonly frontier: Frontier };
  readonly checkpoint: Checkpoint;
  /** What the other export has here. */
  readonly otherHash: string | undefined;
}

async function nextHash(other: OtherEvidence | undefined): Promise<string | undefined> {
  const next = await other?.hashes?.next();
  return next?.done === false ? next.value : undefined;
}

function problemWith(other: OtherEvidence | undefined, frontier: Frontier): VerifyProblem | undefined {
  if (other?.checkpoint.size !== frontier.size || rootHexOf(frontier) === other.checkpoint.root) return undefined;
  const { size, at } = other.checkpoint;
  const message = `the first ${size} entries are not those that were signed at ${at}`;
  return { code: 'HISTORY_REWRITTEN', index: null, message };
}

function problemOfEntry(entry: ReadEntry, { index, checkpoint, otherHash }: Place): VerifyProblem | undefined {
  if (entry.hash === '') return about(index, 'ENTRY_UNREADABLE', `the line of entry ${index} is not an entry`);
  if (index >= checkpoint.size)
    return about(index, 'ENTRY_ADDED', `the checkpoint knows ${checkpoint.size} entries, and here is one more`);
  if (entry.index !== index) return misplaced(index, entry.index);
  if (otherHash !== undefined && otherHash !== entry.hash)
    return about(index, 'ENTRY_CHANGED', `entry ${index} is not the one of the other export`);
  return undefined;
}

function misplaced(index: number, found: unknown): VerifyProblem {
  if (typeof found === 'number' && found > index)
    return about(index, 'ENTRY_MISSING', `entry ${index} is missing: in its place is one with the index ${found}`);
  return about(index, 'ENTRY_MISPLACED', `in the place of entry ${index} is one with the index ${String(found)}`);
}

/**
 * An entry that does not name the hash of the one before: which of the two was changed? The one after, or the root,
 * vouches for this one; when it is as it was, it is the one before that is not.
 */
async function problemOfLink(
  entry: ReadEntry,
  { index, before, checkpoint }: Place,
  lines: AsyncIterator<string>,
): Promise<VerifyProblem | undefined> {
  if (entry.previous === before.hash) return undefined;
  const next = await readEntry(lines);
  const isWhole = next ? next.previous === entry.hash : hasRootAsClaimed(entry, before.frontier, checkpoint);
  const bad = isWhole && index > 0 ? index - 1 : index;
  return about(bad, 'ENTRY_CHANGED', `entry ${bad} is not what it was when the log went on behind it`);
}

/** Whether the tree is the signed one when the entry before had the hash that this one names. */
function hasRootAsClaimed({ previous, hash }: ReadEntry, before: Frontier, { root }: Checkpoint): boolean {
  if (typeof previous !== 'string' || !DIGEST_PATTERN.test(previous)) return false;
  const claimed = extendFrontier(treeHasher, before, fromHex(previous));
  return rootHexOf(extendFrontier(treeHasher, claimed, fromHex(hash))) === root;
}

function problemAtEnd(frontier: Frontier, { size, root }: Checkpoint): VerifyProblem | undefined {
  const { size: found } = frontier;
  if (found < size) return about(found, 'TAIL_CUT', `entries ${found} to ${size - 1} are missing at the end`);
  if (rootHexOf(frontier) === root) return undefined;
  return about(
    Math.max(0, found - 1),
    'ROOT_DIFFERS',
    `the entries hang together and are not what was signed: entry ${found - 1} was changed, or all from an earlier one on ` +
      'were written anew; another export or checkpoint of before can tell which',
  );
}

/** Undefined at the end; an empty hash for what is no entry. */
export async function readEntry(lines: AsyncIterator<string>): Promise<ReadEntry | undefined> {
  const line = await lines.next();
  if (line.done) return undefined;
  const entry = tryParseObject(line.value);
  if (!entry) return { index: undefined, previous: undefined, hash: '' };
  return { index: entry['index'], previous: entry['previous'], hash: toHex(hashOfEntry(entry)) };
}

export function tryParseObject(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function rootHexOf(frontier: Frontier): string {
  return toHex(rootOf(treeHasher, frontier));
}

function about(index: number, code: VerifyProblem['code'], message: string): VerifyProblem {
  return { code, index, message };
}
