import type { AppliedKeyword, Place } from './schema-places.ts';

const SAME_VALUE: ReadonlySet<AppliedKeyword> = new Set<AppliedKeyword>([
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'dependentSchemas',
]);
/** Beyond any bound, and yet far from where sums stop being exact. */
const MANY = 1e9;

/** The places that a place applies to the value that it is applied to itself. */
export function appliedToSame({ parts, target }: Place): number[] {
  const same = parts.filter(({ keyword }) => SAME_VALUE.has(keyword)).map(({ place }) => place);
  if (target !== undefined) same.push(target);
  return same;
}

/** A place that comes back to itself without going into the value, or undefined. */
export function findSelfApplied(places: readonly Place[]): number | undefined {
  const state = new Map<number, 'open' | 'done'>();
  const visit = (index: number): number | undefined => {
    const known = state.get(index);
    if (known !== undefined) return known === 'open' ? index : undefined;
    state.set(index, 'open');
    for (const next of sameOf(places, index)) {
      const found = visit(next);
      if (found !== undefined) return found;
    }
    state.set(index, 'done');
    return undefined;
  };
  for (const index of places.keys()) {
    const found = visit(index);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** How many schemas each place applies to one value, itself included and each as often as it is applied. */
export function sizesOf(places: readonly Place[]): readonly number[] {
  const sizes: number[] = [];
  const sizeOf = (index: number): number =>
    (sizes[index] ??= Math.min(
      MANY,
      sameOf(places, index).reduce((sum, next) => sum + sizeOf(next), 1),
    ));
  for (const index of places.keys()) sizeOf(index);
  return sizes;
}

function sameOf(places: readonly Place[], index: number): number[] {
  const place = places[index];
  return place ? appliedToSame(place) : [];
}
