import fc, { type Arbitrary } from 'fast-check';
import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';

/** Values that a JSON Schema takes, for the part of JSON Schema that our document uses. */
export function valuesOf(schema: JsonObject, depth = 0): Arbitrary<JsonValue> {
  const fixed = fixedValuesOf(schema);
  if (fixed) return fixed;
  const alternatives = [schema['anyOf'], schema['oneOf']].find((one) => Array.isArray(one)) as JsonObject[] | undefined;
  if (alternatives) return fc.oneof(...alternatives.map((one) => valuesOf(one, depth)));
  const types = [schema['type'] ?? null].flat() as (string | null)[];
  return fc.oneof(...types.map((type) => valuesOfType(type, schema, depth)));
}

function fixedValuesOf(schema: JsonObject): Arbitrary<JsonValue> | undefined {
  if (schema['const'] !== undefined) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as JsonValue[]));
  return undefined;
}

function valuesOfType(type: string | null, schema: JsonObject, depth: number): Arbitrary<JsonValue> {
  switch (type) {
    case 'string':
      return textsOf(schema);
    case 'integer':
      return fc.integer({ min: numberIn(schema, 'minimum', -1_000), max: numberIn(schema, 'maximum', 1_000_000) });
    case 'number':
      return fc.double({ min: numberIn(schema, 'minimum', -1e6), max: numberIn(schema, 'maximum', 1e6), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return listsOf(schema, depth);
    case 'object':
      return objectsOf(schema, depth);
    default:
      return fc.jsonValue({ maxDepth: 2 }) as Arbitrary<JsonValue>;
  }
}

const MAX_LENGTH = 40;

function textsOf(schema: JsonObject): Arbitrary<JsonValue> {
  if (schema['format'] === 'date-time') return instantsOf(schema);
  if (schema['format'] === 'email') return fc.emailAddress();
  const minLength = numberIn(schema, 'minLength', 0);
  const maxLength = Math.max(minLength, Math.min(numberIn(schema, 'maxLength', MAX_LENGTH), MAX_LENGTH));
  const texts = fc.string({ minLength, maxLength });
  return typeof schema['pattern'] === 'string' ? matching(new RegExp(schema['pattern'], 'u'), texts) : texts;
}

/** With offsets and fractions as odd as the schema takes them; most of ours take UTC alone. */
function instantsOf(schema: JsonObject): Arbitrary<JsonValue> {
  const pattern = typeof schema['pattern'] === 'string' ? new RegExp(schema['pattern'], 'u') : undefined;
  const dates = fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
  const fractions = fc.stringMatching(/^(\.\d{1,40})?$/);
  const offsets = fc.oneof(fc.constant('Z'), fc.stringMatching(/^[+-]([01]\d|2[0-3]):[0-5]\d$/));
  return fc.tuple(dates, fractions, offsets).map(([date, fraction, offset]) => {
    const odd = `${date.toISOString().slice(0, 19)}${fraction}${offset}`;
    return pattern?.test(odd) ? odd : date.toISOString();
  });
}

/** Classes of Unicode properties are more than fast-check can build texts of; most texts are of those that we name. */
function matching(pattern: RegExp, texts: Arbitrary<string>): Arbitrary<string> {
  if (/\\p\{/.test(pattern.source)) return texts.filter((text) => pattern.test(text));
  return fc.stringMatching(pattern);
}

function listsOf(schema: JsonObject, depth: number): Arbitrary<JsonValue> {
  const items = isJsonObject(schema['items']) ? schema['items'] : {};
  const minLength = numberIn(schema, 'minItems', 0);
  return fc.array(valuesOf(items, depth + 1), { minLength, maxLength: depth > 3 ? minLength : Math.max(minLength, 3) });
}

function objectsOf(schema: JsonObject, depth: number): Arbitrary<JsonValue> {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = (Array.isArray(schema['required']) ? schema['required'] : []) as string[];
  const fields = Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => depth < 4 || required.includes(name))
      .map(([name, field]) => [name, valuesOf(isJsonObject(field) ? field : {}, depth + 1)]),
  );
  const known = fc.record(fields, { requiredKeys: required.filter((name) => name in fields) }) as Arbitrary<JsonObject>;
  const others = schema['additionalProperties'];
  if (!isJsonObject(others) || depth > 3) return known;
  return fc
    .tuple(known, fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), valuesOf(others, depth + 1), { maxKeys: 3 }))
    .map(([own, more]) => ({ ...more, ...own }));
}

function numberIn(schema: JsonObject, keyword: string, fallback: number): number {
  const value = schema[keyword];
  return typeof value === 'number' ? value : fallback;
}
