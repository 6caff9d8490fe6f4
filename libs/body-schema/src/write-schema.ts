import { InvariantError, isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { STEPS_KEYWORD, type StepsOfSchema } from './ajv-keywords.ts';
import { isKnownFormat } from './formats.ts';
import type { Part, SchemaPlaces } from './schema-places.ts';

const ASSERTIONS = [
  'type',
  'enum',
  'const',
  'multipleOf',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'maxProperties',
  'minProperties',
  'required',
];
const ASSERTIONS_2020 = ['minContains', 'maxContains', 'dependentRequired'];
/** Keywords that read all of a text or all names of an object. */
const READ_ALL = [
  'maxLength',
  'minLength',
  'maxProperties',
  'minProperties',
  'patternProperties',
  'additionalProperties',
  'propertyNames',
  'unevaluatedProperties',
];

type Written = JsonObject | boolean;

/**
 * The schema as ajv gets it: 2020-12, and nothing in it but the keywords that were looked at. Whatever else a schema says,
 * ajv has keywords of its own (`$async`, `nullable`, `$comment`, `id`), and none of them is reached. A place that a `$ref` leads
 * to is written once, under `$defs`.
 */
export function writeSchema(schema: SchemaPlaces): JsonObject {
  const targets = new Set(schema.places.flatMap(({ target }) => (target === undefined ? [] : [target])));
  const writer = new SchemaWriter(schema, targets);
  const $defs: Record<string, Written> = {};
  for (const target of targets) $defs[defName(target)] = writer.write(target);
  // Only a $ref stands at the top, so that "#" never means anything else.
  $defs[defName(0)] ??= writer.write(0);
  return { $ref: refTo(0), $defs };
}

function defName(place: number): string {
  return `p${place}`;
}

function refTo(place: number): string {
  return `#/$defs/${defName(place)}`;
}

class SchemaWriter {
  constructor(
    private readonly schema: SchemaPlaces,
    private readonly targets: ReadonlySet<number>,
  ) {}

  write(index: number): Written {
    const place = this.schema.places[index];
    if (!place) throw new InvariantError(`there is no place ${index} in the schema`);
    const { schema, parts, target } = place;
    if (!isJsonObject(schema)) return schema;
    const written: Record<string, JsonValue> =
      this.schema.draft === '7' && target !== undefined ? {} : this.#assertionsOf(schema);
    if (target !== undefined) written.$ref = refTo(target);
    for (const part of parts) this.#writePart(written, part);
    if (Object.keys(written).length === 0) return true;
    return { ...written, [STEPS_KEYWORD]: { ...stepsOf(written) } };
  }

  #assertionsOf(schema: JsonObject): Record<string, JsonValue> {
    const keywords = this.schema.draft === '7' ? ASSERTIONS : [...ASSERTIONS, ...ASSERTIONS_2020];
    const written: Record<string, JsonValue> = {};
    for (const keyword of keywords) if (schema[keyword] !== undefined) written[keyword] = schema[keyword];
    if (typeof schema.format === 'string' && isKnownFormat(schema.format)) written.format = schema.format;
    const dependencies = namesOf(schema.dependencies);
    if (dependencies.length === 0) return written;
    const more = isJsonObject(written.dependentRequired) ? written.dependentRequired : {};
    return { ...written, dependentRequired: merged(dependencies, more) };
  }

  #writePart(written: Record<string, JsonValue>, { keyword, key, place }: Part): void {
    const schema: Written = this.targets.has(place) ? { $ref: refTo(place) } : this.write(place);
    if (key === undefined) written[keyword] = schema;
    else if (typeof key === 'number') written[keyword] = [...((written[keyword] ?? []) as JsonValue[]), schema];
    else written[keyword] = withSchema(written[keyword], key, schema);
  }
}

/** Schemas for one name may come from `dependencies` and `dependentSchemas`: both hold. */
function withSchema(map: JsonValue | undefined, key: string, schema: Written): JsonObject {
  const present = isJsonObject(map) ? map : {};
  const other = Object.hasOwn(present, key) ? present[key] : undefined;
  return { ...present, [key]: other === undefined ? schema : { allOf: [other, schema] } };
}

function namesOf(dependencies: JsonValue | undefined): [string, readonly JsonValue[]][] {
  if (!isJsonObject(dependencies)) return [];
  return Object.entries(dependencies).flatMap(([key, value]) => (Array.isArray(value) ? [[key, value]] : []));
}

function merged(dependencies: readonly [string, readonly JsonValue[]][], more: JsonObject): JsonObject {
  const all = new Map(Object.entries(more));
  for (const [key, names] of dependencies) {
    const others = all.get(key);
    all.set(key, [...new Set([...names, ...(Array.isArray(others) ? (others as readonly JsonValue[]) : [])])]);
  }
  return Object.fromEntries(all);
}

/** About how many operations a look at the schema takes, apart from what it applies. */
function stepsOf(written: Readonly<Record<string, JsonValue>>): StepsOfSchema {
  let steps = 0;
  for (const [keyword, value] of Object.entries(written)) steps += 1 + entryCount(keyword, value);
  return { steps, readsAll: READ_ALL.some((keyword) => written[keyword] !== undefined) };
}

function entryCount(keyword: string, value: JsonValue): number {
  // An enum is looked up.
  if (keyword === 'enum') return 0;
  if (keyword === 'const') return JSON.stringify(value).length >> 3;
  if (keyword === 'dependentRequired' && isJsonObject(value)) {
    return Object.values(value).reduce<number>((sum, names) => sum + 1 + (names as readonly JsonValue[]).length, 0);
  }
  if (Array.isArray(value)) return value.length;
  return isJsonObject(value) ? Object.keys(value).length : 0;
}
