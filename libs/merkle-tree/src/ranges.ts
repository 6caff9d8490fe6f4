/** Leaves `start` to before `end`. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/** The subtree over the leaves `place * 2^level` to before `(place + 1) * 2^level`: once full, it never changes. */
export interface PerfectSubtree {
  readonly level: number;
  readonly place: number;
}

/** The ranges whose roots prove that a leaf is in a tree of this size, from the leaf upwards (RFC 9162, 2.1.3.1). */
export function inclusionRanges(index: number, size: number): readonly LeafRange[] {
  const path: LeafRange[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start);
    const isLeft = index < middle;
    path.push(isLeft ? { start: middle, end } : { start, end: middle });
    [start, end] = isLeft ? [start, middle] : [middle, end];
  }
  return path.reverse();
}

/** The ranges whose roots prove that a tree of `first` leaves is the beginning of one of `second` (RFC 9162, 2.1.4.1). */
export function consistencyRanges(first: number, second: number): readonly LeafRange[] {
  const path: LeafRange[] = [];
  let [start, end] = [0, second];
  // Whoever checks the proof has the root of the first tree already; any other subtree that ends it is to be told.
  let isKnown = true;
  while (first !== end) {
    const middle = start + largestPowerBelow(end - start);
    const isLeft = first <= middle;
    path.push(isLeft ? { start: middle, end } : { start, end: middle });
    [start, end] = isLeft ? [start, middle] : [middle, end];
    isKnown &&= isLeft;
  }
  if (!isKnown) path.push({ start, end });
  return path.reverse();
}

/** The range as perfect subtrees, the largest first. It must begin where one of its size may: all ranges of proofs do. */
export function perfectSubtrees({ start, end }: LeafRange): readonly PerfectSubtree[] {
  const subtrees: PerfectSubtree[] = [];
  for (let at = start; at < end;) {
    const level = levelWithin(end - at);
    subtrees.push({ level, place: at / 2 ** level });
    at += 2 ** level;
  }
  return subtrees;
}

/** Of a number above 1. No shifts: those end at 2^31. */
function largestPowerBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

/** Of the largest perfect subtree that has no more leaves than this. */
function levelWithin(size: number): number {
  let level = 0;
  while (2 ** (level + 1) <= size) level += 1;
  return level;
}
