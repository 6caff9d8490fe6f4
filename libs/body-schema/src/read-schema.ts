import { isJsonObject, type JsonObject, type JsonValue, type Problem } from '#libs/kernel';
import type { Draft } from './draft.ts';
import { BODY_SCHEMA_LIMITS } from './limits.ts';
import { patternProblem } from './patterns.ts';
import { schemaPath, type Steps } from './problem-paths.ts';
import type { AppliedKeyword, Place, SchemaPlaces } from './schema-places.ts';
import { misjudgedItems } from './unevaluated-items.ts';

type Shape = 'one' | 'list' | 'map';
const DEFINITIONS = ['$defs', 'definitions'];
const OF_BOTH: Readonly<Partial<Record<AppliedKeyword, Shape>>> = {
  allOf: 'list',
  anyOf: 'list',
  oneOf: 'list',
  not: 'one',
  if: 'one',
  then: 'one',
  else: 'one',
  properties: 'map',
  patternProperties: 'map',
  additionalProperties: 'one',
  propertyNames: 'one',
  contains: 'one',
};
const SHAPES: Readonly<Record<Draft, Readonly<Partial<Record<AppliedKeyword, Shape>>>>> = {
  '7': OF_BOTH,
  '2020-12': {
    ...OF_BOTH,
    dependentSchemas: 'map',
    unevaluatedProperties: 'one',
    prefixItems: 'list',
    items: 'one',
    unevaluatedItems: 'one',
  },
};
const NAMED_MAPS = ['properties', 'patternProperties', 'dependentSchemas', 'dependentRequired', 'dependencies'];
/** What would change what a `$ref` means, or fetch something. */
const REFUSED = ['$id', '$dynamicRef', '$dynamicAnchor', '$recursiveRef', '$recursiveAnchor'];

export interface ReadSchema extends SchemaPlaces {
  readonly problems: readonly Problem[];
}

/** Takes apart a schema that its meta-schema allows and that is nested in bounds. */
export function readSchema(schema: JsonObject, draft: Draft): ReadSchema {
  const reader = new SchemaReader(draft);
  reader.read(schema, []);
  // Of too many schemas some were not read, and would seem to be missing.
  if (reader.places.length <= BODY_SCHEMA_LIMITS.maxSubschemas) reader.resolve();
  return { draft, places: reader.places, problems: reader.problems };
}

class SchemaReader {
  readonly places: Place[] = [];
  readonly problems: Problem[] = [];
  readonly #byPointer = new Map<string, number>();
  readonly #byAnchor = new Map<string, number>();
  readonly #patterns = new Set<string>();

  constructor(private readonly draft: Draft) {}

  read(schema: JsonValue, path: Steps): number {
    const index = this.places.length;
    const place: Place = { path, schema: isJsonObject(schema) ? schema : schema === true, parts: [] };
    this.places.push(place);
    if (index === BODY_SCHEMA_LIMITS.maxSubschemas) {
      this.#refuse([], `has more than ${BODY_SCHEMA_LIMITS.maxSubschemas} schemas in it`);
    }
    if (index >= BODY_SCHEMA_LIMITS.maxSubschemas) return index;
    this.#byPointer.set(pointerKey(path), index);
    if (!isJsonObject(schema)) return index;
    if (typeof schema.$anchor === 'string' && this.draft !== '7') this.#byAnchor.set(schema.$anchor, index);
    this.#readKeywords(schema, place);
    return index;
  }

  /** Once all places are known: to which one each `$ref` leads, and what does not go together. */
  resolve(): void {
    for (const place of this.places) {
      const ref = isJsonObject(place.schema) ? place.schema.$ref : undefined;
      if (typeof ref !== 'string') continue;
      const target = this.#find(ref);
      if (target === undefined) this.#refuse([...place.path, '$ref'], refMessage(ref));
      else place.target = target;
    }
    for (const { place, because } of misjudgedItems(this.places)) {
      const path = [...place.path, 'unevaluatedItems'];
      this.#refuse(path, `is not supported beside "${because}"; use prefixItems and items`);
    }
  }

  #readKeywords(schema: JsonObject, place: Place): void {
    this.#check(schema, place.path);
    for (const keyword of DEFINITIONS) {
      for (const [key, value] of entriesOf(schema[keyword])) this.read(value, [...place.path, keyword, key]);
    }
    // Draft-07 ignores what stands beside a $ref.
    if (this.draft === '7' && typeof schema.$ref === 'string') return;
    for (const [keyword, shape] of Object.entries(SHAPES[this.draft])) {
      this.#readApplied(place, [keyword], keyword as AppliedKeyword, shape);
    }
    this.#readOlder(schema, place);
  }

  #readApplied(place: Place, at: readonly [string], keyword: AppliedKeyword, shape: Shape): void {
    const value = (place.schema as JsonObject)[at[0]];
    if (value === undefined) return;
    if (shape === 'one') {
      place.parts.push({ keyword, place: this.read(value, [...place.path, ...at]) });
      return;
    }
    const entries: readonly (readonly [string | number, JsonValue])[] = Array.isArray(value)
      ? [...value.entries()]
      : entriesOf(value);
    for (const [key, schema] of entries) {
      place.parts.push({ keyword, key, place: this.read(schema, [...place.path, ...at, key]) });
    }
  }

  /** `dependencies` in both drafts; `items` as a list, with `additionalItems`, in draft-07. */
  #readOlder(schema: JsonObject, place: Place): void {
    for (const [key, value] of entriesOf(schema.dependencies)) {
      if (Array.isArray(value)) continue;
      const at = this.read(value, [...place.path, 'dependencies', key]);
      place.parts.push({ keyword: 'dependentSchemas', key, place: at });
    }
    if (this.draft !== '7') return;
    if (!Array.isArray(schema.items)) this.#readApplied(place, ['items'], 'items', 'one');
    else {
      this.#readApplied(place, ['items'], 'prefixItems', 'list');
      this.#readApplied(place, ['additionalItems'], 'items', 'one');
    }
  }

  #check(schema: JsonObject, path: Steps): void {
    for (const keyword of REFUSED) {
      if (schema[keyword] !== undefined) {
        this.#refuse([...path, keyword], 'is not supported; leave it out and use $ref to a place in $defs');
      }
    }
    if (typeof schema.pattern === 'string') this.#checkPattern(schema.pattern, [...path, 'pattern']);
    for (const [source] of entriesOf(schema.patternProperties)) {
      this.#checkPattern(source, [...path, 'patternProperties', source]);
    }
    for (const keyword of NAMED_MAPS) {
      const map = schema[keyword];
      if (!isJsonObject(map) || !Object.hasOwn(map, '__proto__')) continue;
      this.#refuse([...path, keyword, '__proto__'], 'is a name that no schema can speak of; leave it out');
    }
  }

  #checkPattern(source: string, path: Steps): void {
    const { maxPatterns } = BODY_SCHEMA_LIMITS;
    if (this.#patterns.has(source) || this.#patterns.size > maxPatterns) return;
    this.#patterns.add(source);
    const message =
      this.#patterns.size > maxPatterns
        ? `is one pattern too many: there may be ${maxPatterns} different ones`
        : patternProblem(source);
    if (message !== undefined) this.#refuse(path, message);
  }

  #find(ref: string): number | undefined {
    if (!ref.startsWith('#')) return undefined;
    if (ref !== '#' && !ref.startsWith('#/')) return this.#byAnchor.get(ref.slice(1));
    const names = tryDecode(ref.slice(1).split('/').slice(1));
    return names && this.#byPointer.get(pointerKey(names));
  }

  #refuse(path: Steps, message: string): void {
    if (this.problems.length < BODY_SCHEMA_LIMITS.maxProblems) this.problems.push({ path: schemaPath(path), message });
  }
}

function refMessage(ref: string): string {
  return ref.startsWith('#')
    ? 'leads to no schema of this schema; put what it means under $defs (draft-07: definitions)'
    : 'must lead to a place in this schema, such as "#/$defs/name": nothing is fetched';
}

function entriesOf(value: JsonValue | undefined): [string, JsonValue][] {
  return isJsonObject(value) ? Object.entries(value) : [];
}

/** A pointer holds an index and a name that looks like one the same way. */
function pointerKey(path: Steps): string {
  return JSON.stringify(path.map(String));
}

function tryDecode(tokens: readonly string[]): string[] | undefined {
  try {
    return tokens.map((token) => decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~'));
  } catch {
    return undefined;
  }
}
