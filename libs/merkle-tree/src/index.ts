export { createFrontier, EMPTY_FRONTIER, extendFrontier, rootOf, type Frontier } from './frontier.ts';
export { createTreeHasher, isSameDigest, type Digest, type TreeHasher } from './tree-hasher.ts';
export { isConsistent, isIncluded, type ConsistencyClaim, type InclusionClaim } from './proofs.ts';
export { consistencyRanges, inclusionRanges, perfectSubtrees, type LeafRange, type PerfectSubtree } from './ranges.ts';
