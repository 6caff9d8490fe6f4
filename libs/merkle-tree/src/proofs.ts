import { isSameDigest, type Digest, type TreeHasher } from './tree-hasher.ts';

/** That a leaf is in a tree. */
export interface InclusionClaim {
  readonly leaf: Digest;
  readonly index: number;
  readonly size: number;
  readonly root: Digest;
  /** From the leaf upwards. */
  readonly path: readonly Digest[];
}

/** Whether the path leads from the leaf to the root (RFC 9162, 2.1.3.2). */
export function isIncluded(hasher: TreeHasher, { leaf, index, size, root, path }: InclusionClaim): boolean {
  if (!isPlace(index) || !isPlace(size) || index >= size) return false;
  let at: Step = { place: index, last: size - 1 };
  let reached = leaf;
  for (const sibling of path) {
    if (at.last === 0) return false;
    reached = isRight(at) ? hasher.node(sibling, reached) : hasher.node(reached, sibling);
    at = above(at);
  }
  return at.last === 0 && isSameDigest(reached, root);
}

/** That one tree is the beginning of another. */
export interface ConsistencyClaim {
  readonly first: number;
  readonly firstRoot: Digest;
  readonly second: number;
  readonly secondRoot: Digest;
  readonly path: readonly Digest[];
}

/** Whether the path leads to both roots (RFC 9162, 2.1.4.2). An empty tree is the beginning of any. */
export function isConsistent(hasher: TreeHasher, claim: ConsistencyClaim): boolean {
  const { first, firstRoot, second, secondRoot, path } = claim;
  if (!isPlace(first) || !isPlace(second) || first > second) return false;
  if (first === 0) return path.length === 0 && isSameDigest(firstRoot, hasher.empty);
  if (first === second) return path.length === 0 && isSameDigest(firstRoot, secondRoot);
  return leadsToBoth(hasher, claim);
}

function leadsToBoth(hasher: TreeHasher, claim: ConsistencyClaim): boolean {
  const { first, firstRoot, second, secondRoot, path } = claim;
  const [seed, ...siblings] = isPowerOfTwo(first) ? [firstRoot, ...path] : path;
  if (!seed || path.length === 0) return false;
  const reached = climbed(hasher, whileOdd({ place: first - 1, last: second - 1 }), seed, siblings);
  return reached !== undefined && isSameDigest(reached.first, firstRoot) && isSameDigest(reached.second, secondRoot);
}

/** Both roots, from the subtree that ends the first tree; undefined when the path is too short or too long. */
function climbed(
  hasher: TreeHasher,
  from: Step,
  seed: Digest,
  siblings: readonly Digest[],
): { readonly first: Digest; readonly second: Digest } | undefined {
  let at = from;
  let [first, second] = [seed, seed];
  for (const sibling of siblings) {
    if (at.last === 0) return undefined;
    if (isRight(at)) first = hasher.node(sibling, first);
    second = isRight(at) ? hasher.node(sibling, second) : hasher.node(second, sibling);
    at = above(at);
  }
  return at.last === 0 ? { first, second } : undefined;
}

/** A node of one level on the way up, and the last node of that level. */
interface Step {
  readonly place: number;
  readonly last: number;
}

/** Whether what comes next stands left of it: it is a right node, or the last, which has no right neighbour. */
function isRight({ place, last }: Step): boolean {
  return isOdd(place) || place === last;
}

/** A last node without a neighbour stands for itself some levels higher, until it is a right one. */
function above({ place, last }: Step): Step {
  let at: Step = { place, last };
  if (place === last) while (!isOdd(at.place) && at.place !== 0) at = parentOf(at);
  return parentOf(at);
}

function whileOdd(step: Step): Step {
  let at = step;
  while (isOdd(at.place)) at = parentOf(at);
  return at;
}

function parentOf({ place, last }: Step): Step {
  return { place: half(place), last: half(last) };
}

// Arithmetic instead of bits: those of JavaScript end at 2^31.
const isOdd = (value: number): boolean => value % 2 === 1;
const half = (value: number): number => Math.floor(value / 2);
const isPlace = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

function isPowerOfTwo(value: number): boolean {
  let rest = value;
  while (rest > 1 && !isOdd(rest)) rest = half(rest);
  return rest === 1;
}
