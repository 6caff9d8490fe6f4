import { MAX_JSON_DEPTH, type Problem } from '#libs/kernel';
import { BODY_SCHEMA_LIMITS } from './limits.ts';
import { Locations, TooIntricateError, type Group, type Location } from './locations.ts';
import { schemaPath } from './problem-paths.ts';
import { findSelfApplied, sizesOf } from './same-place.ts';
import type { SchemaPlaces } from './schema-places.ts';
import { findComponents } from './strong-components.ts';

/**
 * Why checking a body could take exponential time or never end, or undefined. Every place of a body is looked at by some
 * schemas; their number is bounded from above for all places of all bodies:
 *
 * 1. No schema may apply itself to the same value.
 * 2. A location is a schema applied to a value together with all it applies to that same value. From a location, names and
 *    indices lead to the locations of the values inside. Schemas of different names add up to nothing; of one name they do.
 * 3. Where locations lead back to themselves, one of them may lead back by one schema only: two would double with every level.
 */
export function evaluationProblem(schema: SchemaPlaces): Problem | undefined {
  const selfApplied = findSelfApplied(schema.places);
  if (selfApplied !== undefined) {
    return problemAt(
      schema,
      selfApplied,
      'applies itself to the same value for ever; refer back from inside properties or items',
    );
  }
  try {
    return heaviestProblem(schema);
  } catch (error) {
    if (!(error instanceof TooIntricateError)) throw error;
    return problemAt(schema, error.place, 'combines too many names, patterns and schemas for one value; simplify it');
  }
}

function heaviestProblem(schema: SchemaPlaces): Problem | undefined {
  const { maxEvaluations } = BODY_SCHEMA_LIMITS;
  const sizes = sizesOf(schema.places);
  const tooLarge = sizes.findIndex((size) => size > maxEvaluations);
  if (tooLarge !== -1) return problemAt(schema, tooLarge, tooManyMessage());
  const locations = new Locations(schema.places).all;
  const heaviest = new Map<number, number>();
  // What a component leads to stands before it.
  for (const component of findComponents(locations)) {
    const members = component.flatMap((place) => locations.get(place) ?? []);
    const places = new Set(component);
    const repeated = members.find(({ groups }) => groups.some((group) => countIn(group, places) > 1));
    if (repeated) {
      const message =
        'refers back more than once for the same value, so that checking takes exponential time; refer back at one place only';
      return problemAt(schema, repeated.place, message);
    }
    const weight = weightOf(members, places, { heaviest, sizes });
    if (weight > maxEvaluations) return problemAt(schema, component[0] ?? 0, tooManyMessage());
    for (const place of component) heaviest.set(place, weight);
  }
  return undefined;
}

function tooManyMessage(): string {
  return `applies more than ${BODY_SCHEMA_LIMITS.maxEvaluations} schemas to one value; combine fewer with allOf, anyOf, oneOf and $ref`;
}

function problemAt({ places }: SchemaPlaces, place: number, message: string): Problem {
  return { path: schemaPath(places[place]?.path ?? []), message };
}

function countIn(group: Group, members: ReadonlySet<number>): number {
  let count = 0;
  for (const [place, times] of group) if (members.has(place)) count += times;
  return count;
}

interface Weights {
  readonly heaviest: ReadonlyMap<number, number>;
  readonly sizes: readonly number[];
}

/**
 * The most schemas looked at for one value that these locations lead to, themselves included. What is spawned on the way
 * round a cycle comes again on every level of the body.
 */
function weightOf(members: readonly Location[], component: ReadonlySet<number>, { heaviest, sizes }: Weights): number {
  let own = 0;
  let spawned = 0;
  for (const { place, groups } of members) {
    own = Math.max(own, sizes[place] ?? 0);
    for (const group of groups) {
      let outside = 0;
      for (const [target, times] of group) outside += component.has(target) ? 0 : times * (heaviest.get(target) ?? 0);
      if (countIn(group, component) > 0) spawned = Math.max(spawned, outside);
      else own = Math.max(own, outside);
    }
  }
  return own + MAX_JSON_DEPTH * spawned;
}
