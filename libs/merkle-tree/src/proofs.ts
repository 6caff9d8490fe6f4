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
  let place = index;
  let last = size - 1;
  let reached = leaf;
  for (const sibling of path) {
    if (last === 0) return false;
    if (isOdd(place) || place === last) {
      reached = hasher.node(sibling, reached);
      [place, last] = upToOdd(place, last);
    } else {
      reached = hasher.node(reached, sibling);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && isSameDigest(reached, root);
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

function leadsToBoth(hasher: TreeHasher, { first, firstRoot, second, secondRoot, path }: ConsistencyClaim): boolean {
  const [seed, ...siblings] = isPowerOfTwo(first) ? [firstRoot, ...path] : path;
  if (!seed || path.length === 0) return false;
  let [place, last] = upToEven(first - 1, second - 1);
  let [reachedFirst, reachedSecond] = [seed, seed];
  for (const sibling of siblings) {
    if (last === 0) return false;
    if (isOdd(place) || place === last) {
      reachedFirst = hasher.node(sibling, reachedFirst);
      reachedSecond = hasher.node(sibling, reachedSecond);
      [place, last] = upToOdd(place, last);
    } else {
      reachedSecond = hasher.node(reachedSecond, sibling);
    }
    [place, last] = [half(place), half(last)];
  }
  return last === 0 && isSameDigest(reachedFirst, firstRoot) && isSameDigest(reachedSecond, secondRoot);
}

/** A last node without a right neighbour stands for itself some levels higher. */
function upToOdd(place: number, last: number): [number, number] {
  let [here, end] = [place, last];
  while (!isOdd(here) && here !== 0) [here, end] = [half(here), half(end)];
  return [here, end];
}

function upToEven(place: number, last: number): [number, number] {
  let [here, end] = [place, last];
  while (isOdd(here)) [here, end] = [half(here), half(end)];
  return [here, end];
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
