import fc from 'fast-check';
import { createHash } from 'node:crypto';
import {
  consistencyRanges,
  createFrontier,
  createTreeHasher,
  EMPTY_FRONTIER,
  extendFrontier,
  inclusionRanges,
  isConsistent,
  isIncluded,
  perfectSubtrees,
  rootOf,
  type Digest,
  type LeafRange,
} from './index.ts';

const hasher = createTreeHasher((bytes) => createHash('sha256').update(bytes).digest());
const hex = (digest: Uint8Array): string => Buffer.from(digest).toString('hex');

/** RFC 9162, 2.1.1, word for word. */
function naiveRoot(leaves: readonly Digest[]): Digest {
  const [only] = leaves;
  if (!only) return hasher.empty;
  if (leaves.length === 1) return only;
  const middle = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return hasher.node(naiveRoot(leaves.slice(0, middle)), naiveRoot(leaves.slice(middle)));
}

const frontierOf = (leaves: readonly Digest[]) =>
  leaves.reduce((frontier, leaf) => extendFrontier(hasher, frontier, leaf), EMPTY_FRONTIER);

const rootsOf = (leaves: readonly Digest[], ranges: readonly LeafRange[]): Digest[] =>
  ranges.map(({ start, end }) => naiveRoot(leaves.slice(start, end)));

/** The vectors of the implementation of Certificate Transparency that others are tested with. */
describe('a tree of eight leaves that others computed', () => {
  const leaves = [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ].map((data) => hasher.leaf(Buffer.from(data, 'hex')));
  const roots = [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ];

  it('has the same root at each size', () => {
    expect(roots.map((_, size) => hex(rootOf(hasher, frontierOf(leaves.slice(0, size)))))).toEqual(roots);
  });

  it.each([
    { index: 0, size: 1, path: [] },
    {
      index: 0,
      size: 8,
      path: [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    },
    {
      index: 5,
      size: 8,
      path: [
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    },
    { index: 2, size: 3, path: ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'] },
    {
      index: 1,
      size: 5,
      path: [
        '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ],
    },
  ])('proves leaf $index of $size with the same path', ({ index, size, path }) => {
    expect(rootsOf(leaves, inclusionRanges(index, size)).map(hex)).toEqual(path);
  });

  it.each([
    { first: 1, second: 1, path: [] },
    {
      first: 1,
      second: 8,
      path: [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    },
    {
      first: 6,
      second: 8,
      path: [
        '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    },
    {
      first: 2,
      second: 5,
      path: [
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ],
    },
  ])('proves that $first leaves begin $second with the same path', ({ first, second, path }) => {
    expect(rootsOf(leaves, consistencyRanges(first, second)).map(hex)).toEqual(path);
  });
});

describe('a tree of any size', () => {
  const leavesOf = (size: number): Digest[] =>
    Array.from({ length: size }, (_, index) => hasher.leaf(Buffer.of(index)));
  const sizes = fc.integer({ min: 0, max: 70 });
  const sizeAndPlace = fc
    .integer({ min: 1, max: 70 })
    .chain((size) => fc.record({ size: fc.constant(size), index: fc.integer({ min: 0, max: size - 1 }) }));
  const twoSizes = fc
    .integer({ min: 0, max: 70 })
    .chain((second) => fc.record({ second: fc.constant(second), first: fc.integer({ min: 0, max: second }) }));

  it('has the root that the recursion gives, from its frontier alone', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const frontier = frontierOf(leavesOf(size));
        expect(hex(rootOf(hasher, frontier))).toBe(hex(naiveRoot(leavesOf(size))));
        expect(createFrontier(size, frontier.roots)).toEqual(frontier);
        expect(createFrontier(size, [...frontier.roots, hasher.empty])).toBeUndefined();
      }),
    );
  });

  it('tells of each perfect subtree once, so that the roots of all ranges of its proofs are known', () => {
    fc.assert(
      fc.property(sizeAndPlace, twoSizes, ({ size, index }, { first, second }) => {
        const known = new Map<string, Digest>();
        const all = leavesOf(Math.max(size, second));
        all.reduce(
          (frontier, leaf) =>
            extendFrontier(hasher, frontier, leaf, ({ level, place }, root) => {
              expect(known.has(`${level}/${place}`)).toBe(false);
              known.set(`${level}/${place}`, root);
            }),
          EMPTY_FRONTIER,
        );
        const consistency = first === 0 ? [] : consistencyRanges(first, second);
        for (const range of [...inclusionRanges(index, size), ...consistency]) {
          const roots = perfectSubtrees(range).map(({ level, place }) => known.get(`${level}/${place}`)!);
          expect(hex(rootOf(hasher, { roots }))).toBe(hex(naiveRoot(all.slice(range.start, range.end))));
        }
      }),
    );
  });

  it('proves each of its leaves, and no other', () => {
    fc.assert(
      fc.property(sizeAndPlace, fc.nat(69), ({ size, index }, other) => {
        const leaves = leavesOf(size);
        const path = rootsOf(leaves, inclusionRanges(index, size));
        const claim = { leaf: leaves[index]!, index, size, root: naiveRoot(leaves), path };
        expect(isIncluded(hasher, claim)).toBe(true);
        expect(isIncluded(hasher, { ...claim, index: other })).toBe(other === index);
        expect(isIncluded(hasher, { ...claim, leaf: hasher.leaf(Buffer.of(200)) })).toBe(false);
        expect(isIncluded(hasher, { ...claim, root: hasher.empty })).toBe(false);
        expect(isIncluded(hasher, { ...claim, path: [...path, hasher.empty] })).toBe(false);
        if (path.length > 0) expect(isIncluded(hasher, { ...claim, path: path.slice(1) })).toBe(false);
      }),
    );
  });

  it('proves what it began with, and nothing else', () => {
    fc.assert(
      fc.property(twoSizes, ({ first, second }) => {
        const leaves = leavesOf(second);
        const path = first === 0 ? [] : rootsOf(leaves, consistencyRanges(first, second));
        const roots = { firstRoot: naiveRoot(leaves.slice(0, first)), secondRoot: naiveRoot(leaves) };
        const claim = { first, second, path, ...roots };
        const otherRoot = hasher.leaf(Buffer.of(200));
        expect(isConsistent(hasher, claim)).toBe(true);
        expect(isConsistent(hasher, { ...claim, firstRoot: otherRoot })).toBe(false);
        if (first > 0) expect(isConsistent(hasher, { ...claim, secondRoot: otherRoot })).toBe(false);
        expect(isConsistent(hasher, { ...claim, path: [...path, otherRoot] })).toBe(false);
        if (path.length > 0) expect(isConsistent(hasher, { ...claim, path: path.slice(1) })).toBe(false);
      }),
    );
  });

  it('refuses places that are none', () => {
    const [leaf] = leavesOf(1);
    const claim = { leaf: leaf!, size: 1, root: leaf!, path: [] };
    expect(isIncluded(hasher, { ...claim, index: -1 })).toBe(false);
    expect(isIncluded(hasher, { ...claim, index: 0.5 })).toBe(false);
    expect(isIncluded(hasher, { ...claim, index: 1 })).toBe(false);
    expect(isConsistent(hasher, { first: 2, second: 1, firstRoot: leaf!, secondRoot: leaf!, path: [] })).toBe(false);
  });
});
