import { isJsonObject } from '#libs/kernel';
import { createPattern, type Pattern } from './patterns.ts';
import { appliedToSame } from './same-place.ts';
import type { AppliedKeyword, Part, Place } from './schema-places.ts';
import { OutOfStepsError, StepBudget } from './step-budget.ts';

/** Places that are applied to one and the same value inside, with how often each. */
export type Group = ReadonlyMap<number, number>;

/** A place where checking of a value begins, and what it may apply to each of the values inside. */
export interface Location {
  readonly place: number;
  readonly groups: readonly Group[];
}

/** Thrown where telling what falls together would itself take too long. */
export class TooIntricateError extends Error {
  override readonly name = 'TooIntricateError';
  constructor(readonly place: number) {
    super('too many names, patterns and schemas for one value');
  }
}

/** An ordinary schema takes some thousands. */
const MAX_STEPS = 2_000_000;

/** A schema that is applied to the value, and how often. */
interface Applied {
  readonly owner: Place;
  readonly times: number;
}

/** A part of such a schema that may fall on several names or indices. */
interface WidePart extends Applied {
  readonly part: Part;
}

/** Every location that can be reached from the whole schema. */
export class Locations {
  readonly all = new Map<number, Location>();
  readonly #patterns = new Map<string, Pattern>();
  readonly #steps = new StepBudget();

  constructor(private readonly places: readonly Place[]) {
    this.#steps.restart(MAX_STEPS);
    const waiting = [0];
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      if (this.all.has(place)) continue;
      const location = this.#locate(place);
      this.all.set(place, location);
      for (const group of location.groups) waiting.push(...group.keys());
    }
  }

  #locate(place: number): Location {
    try {
      const applied = this.#appliedAt(place);
      const groups = [...this.#groupsOfNames(applied), ...this.#groupsOfIndices(applied), this.#groupOfKeys(applied)];
      return { place, groups: groups.filter((group) => group.size > 0) };
    } catch (error) {
      if (error instanceof OutOfStepsError) throw new TooIntricateError(place);
      throw error;
    }
  }

  /** All that is applied to the same value as this place. */
  #appliedAt(place: number): Applied[] {
    const times = new Map<number, number>();
    const add = (at: number): void => {
      this.#steps.spend(1);
      times.set(at, (times.get(at) ?? 0) + 1);
      const owner = this.places[at];
      if (owner) appliedToSame(owner).forEach(add);
    };
    add(place);
    return [...times].flatMap(([at, count]) => {
      const owner = this.places[at];
      return owner && owner.parts.length > 0 ? [{ owner, times: count }] : [];
    });
  }

  /** One group for each name that is written, and one for all other names. */
  #groupsOfNames(applied: readonly Applied[]): Group[] {
    const named = this.#groupsByKey(applied, 'properties');
    const wide = this.#wideParts(applied, FOR_NAMES);
    for (const [name, group] of named) {
      this.#addWide(group, wide, (part, owner) => this.#appliesToName(part, owner, String(name)));
    }
    return [...named.values(), this.#addWide(new Map(), wide, () => true)];
  }

  #appliesToName({ keyword, key }: Part, owner: Place, name: string): boolean {
    if (keyword === 'patternProperties') return this.#matches(String(key), name);
    return keyword !== 'additionalProperties' || !this.#isNamed(owner, name);
  }

  #isNamed({ schema, parts }: Place, name: string): boolean {
    const properties = isJsonObject(schema) ? schema.properties : undefined;
    if (isJsonObject(properties) && Object.hasOwn(properties, name)) return true;
    this.#steps.spend(parts.length);
    return parts.some(({ keyword, key }) => keyword === 'patternProperties' && this.#matches(String(key), name));
  }

  /** One group for each index that `prefixItems` speaks of, and one for all after them. */
  #groupsOfIndices(applied: readonly Applied[]): Group[] {
    const indexed = this.#groupsByKey(applied, 'prefixItems');
    const wide = this.#wideParts(applied, FOR_INDICES);
    for (const [index, group] of indexed) {
      this.#addWide(group, wide, ({ keyword }, owner) => keyword !== 'items' || Number(index) >= prefixLength(owner));
    }
    return [...indexed.values(), this.#addWide(new Map(), wide, () => true)];
  }

  #groupOfKeys(applied: readonly Applied[]): Group {
    return this.#addWide(new Map(), this.#wideParts(applied, new Set<AppliedKeyword>(['propertyNames'])), () => true);
  }

  #groupsByKey(applied: readonly Applied[], keyword: AppliedKeyword): Map<string | number, Map<number, number>> {
    const groups = new Map<string | number, Map<number, number>>();
    for (const { part, times } of this.#wideParts(applied, new Set([keyword]))) {
      const key = part.key ?? '';
      const group = groups.get(key) ?? new Map<number, number>();
      groups.set(key, group.set(part.place, (group.get(part.place) ?? 0) + times));
    }
    return groups;
  }

  #wideParts(applied: readonly Applied[], keywords: ReadonlySet<AppliedKeyword>): WidePart[] {
    return applied.flatMap((one) => {
      this.#steps.spend(one.owner.parts.length);
      return one.owner.parts.filter(({ keyword }) => keywords.has(keyword)).map((part) => ({ ...one, part }));
    });
  }

  #addWide(
    group: Map<number, number>,
    wide: readonly WidePart[],
    applies: (part: Part, owner: Place) => boolean,
  ): Map<number, number> {
    this.#steps.spend(wide.length);
    for (const { part, owner, times } of wide) {
      if (applies(part, owner)) group.set(part.place, (group.get(part.place) ?? 0) + times);
    }
    return group;
  }

  #matches(source: string, name: string): boolean {
    let pattern = this.#patterns.get(source);
    if (!pattern) this.#patterns.set(source, (pattern = createPattern(source, this.#steps)));
    return pattern.test(name);
  }
}

/** Names that nobody wrote cannot be told apart: all of these may fall on the same one. */
const FOR_NAMES: ReadonlySet<AppliedKeyword> = new Set<AppliedKeyword>([
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
]);
const FOR_INDICES: ReadonlySet<AppliedKeyword> = new Set<AppliedKeyword>(['items', 'contains', 'unevaluatedItems']);

function prefixLength({ parts }: Place): number {
  return parts.filter(({ keyword }) => keyword === 'prefixItems').length;
}
