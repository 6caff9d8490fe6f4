import { perfectSubtrees, type PerfectSubtree } from './ranges.ts';
import type { Digest, TreeHasher } from './tree-hasher.ts';

/**
 * All that must be known of a tree to go on with it: its size, and the roots of the perfect subtrees that it consists of,
 * the largest first. One for each bit of the size that is set, so never more than 53.
 */
export interface Frontier {
  readonly size: number;
  readonly roots: readonly Digest[];
}

export const EMPTY_FRONTIER: Frontier = { size: 0, roots: [] };

/** Undefined when there are not as many roots as a tree of this size has. */
export function createFrontier(size: number, roots: readonly Digest[]): Frontier | undefined {
  return perfectSubtrees({ start: 0, end: size }).length === roots.length ? { size, roots } : undefined;
}

/**
 * The tree with one more leaf, in as many steps as bits of its size change.
 *
 * @param onPerfect told of each perfect subtree that the leaf completes, the leaf itself first
 */
export function extendFrontier(
  hasher: TreeHasher,
  { size, roots }: Frontier,
  leaf: Digest,
  onPerfect?: (subtree: PerfectSubtree, root: Digest) => void,
): Frontier {
  const rest = [...roots];
  let root = leaf;
  let [level, place] = [0, size];
  onPerfect?.({ level, place }, root);
  // An odd place is a right one: its left neighbour is complete, and the last in the frontier.
  for (; place % 2 === 1; place = (place - 1) / 2) {
    const left = rest.pop();
    if (!left) break;
    root = hasher.node(left, root);
    level += 1;
    onPerfect?.({ level, place: (place - 1) / 2 }, root);
  }
  return { size: size + 1, roots: [...rest, root] };
}

/** The root of the tree: the smaller subtrees are folded into the larger ones. */
export function rootOf(hasher: TreeHasher, { roots }: Pick<Frontier, 'roots'>): Digest {
  const [smallest, ...larger] = roots.toReversed();
  if (!smallest) return hasher.empty;
  return larger.reduce((right, left) => hasher.node(left, right), smallest);
}
