import { appliedToSame } from './same-place.ts';
import { applies, type AppliedKeyword, type Place } from './schema-places.ts';

/** Which items these looked at, ajv does not tell rightly. */
const MISJUDGED: readonly AppliedKeyword[] = ['contains', 'anyOf', 'oneOf', 'if', 'dependentSchemas'];

/** The places whose `unevaluatedItems` would be judged wrongly, each with the keyword that is why. */
export function misjudgedItems(
  places: readonly Place[],
): { readonly place: Place; readonly because: AppliedKeyword }[] {
  return places.flatMap((place) => {
    if (!applies(place, 'unevaluatedItems')) return [];
    const because = sameValueOf(place, places).flatMap((one) =>
      MISJUDGED.filter((keyword) => applies(one, keyword)),
    )[0];
    return because === undefined ? [] : [{ place, because }];
  });
}

function sameValueOf(place: Place, places: readonly Place[]): Place[] {
  const found = new Set([place]);
  for (const one of found) {
    for (const index of appliedToSame(one)) {
      const next = places[index];
      if (next) found.add(next);
    }
  }
  return [...found];
}
