import type { JsonObject, JsonValue } from '#libs/kernel';
import { bodySchemaProblems, compileBodySchema } from './index.ts';

const ROOT = { $ref: '#' };
const ref = (name: string): JsonObject => ({ $ref: `#/$defs/${name}` });
const times = <Made>(count: number, make: (at: number) => Made): Made[] =>
  Array.from({ length: count }, (_, at) => make(at));
/** d0 applies d1 twice, d1 applies d2 twice … */
function doubling(levels: number, twice: (schema: JsonObject) => JsonValue): JsonObject {
  const steps = times(levels, (at): [string, JsonValue] => [`d${at}`, twice(ref(`d${at + 1}`))]);
  return { $defs: Object.fromEntries([...steps, [`d${levels}`, { type: 'string' }]]), ...ref('d0') };
}

const TOO_MANY = 'applies more than 1000 schemas to one value; combine fewer with allOf, anyOf, oneOf and $ref';
const FOR_EVER = 'applies itself to the same value for ever; refer back from inside properties or items';
const BACK_TWICE =
  'refers back more than once for the same value, so that checking takes exponential time; refer back at one place only';

describe('a schema that never ends', () => {
  it.each<[JsonObject, string]>([
    [{ allOf: [ROOT] }, 'schema'],
    [ROOT, 'schema'],
    [{ not: ROOT }, 'schema'],
    [{ if: ROOT }, 'schema'],
    [{ dependentSchemas: { a: ROOT } }, 'schema'],
    [{ $defs: { a: ref('b'), b: { anyOf: [{ type: 'null' }, ref('a')] } } }, 'schema.$defs.a'],
  ])('%j', (schema, path) => {
    expect(bodySchemaProblems(schema)).toEqual([{ path, message: FOR_EVER }]);
  });
});

describe('a schema that multiplies', () => {
  it.each<[string, (schema: JsonObject) => JsonValue]>([
    ['allOf', (schema) => ({ allOf: [schema, schema] })],
    ['anyOf', (schema) => ({ anyOf: [schema, schema] })],
    ['if, then, else', (schema) => ({ if: schema, then: schema, else: schema })],
    ['not beside $ref', (schema) => ({ ...schema, not: schema })],
  ])('on one value, by %s', (_name, twice) => {
    expect(bodySchemaProblems(doubling(5, twice))).toEqual([]);
    expect(bodySchemaProblems(doubling(30, twice))).toMatchObject([{ message: TOO_MANY }]);
  });

  it.each<[string, (schema: JsonObject) => JsonValue]>([
    ['items and contains', (schema) => ({ items: schema, contains: schema })],
    ['prefixItems of two', (schema) => ({ allOf: [{ prefixItems: [schema] }, { items: schema }] as JsonObject[] })],
    ['one property twice', (schema) => ({ allOf: [{ properties: { a: schema } }, { properties: { a: schema } }] })],
    ['a property and its pattern', (schema) => ({ properties: { abc: schema }, patternProperties: { b: schema } })],
    ['patterns that may overlap', (schema) => ({ patternProperties: { '^a': schema, b$: schema } })],
    [
      'additional for one, named by the other',
      (schema) => ({ properties: { a: schema }, allOf: [{ additionalProperties: schema }] }),
    ],
    [
      'unevaluated beside another',
      (schema) => ({ unevaluatedProperties: schema, allOf: [{ additionalProperties: schema }] }),
    ],
  ])('on values inside, by %s', (_name, twice) => {
    expect(bodySchemaProblems(doubling(5, twice))).toEqual([]);
    expect(bodySchemaProblems(doubling(30, twice))).toMatchObject([{ message: TOO_MANY }]);
  });

  it.each<[string, (schema: JsonObject) => JsonValue]>([
    ['different properties', (schema) => ({ properties: { a: schema, b: schema }, additionalProperties: schema })],
    [
      'a pattern that does not match the name',
      (schema) => ({ properties: { a: schema }, patternProperties: { '^b': schema } }),
    ],
    ['different indices', (schema) => ({ prefixItems: [schema, schema], items: schema })],
    ['names and values', (schema) => ({ propertyNames: { type: 'string' }, additionalProperties: schema })],
    [
      'objects and arrays',
      (schema) => ({ oneOf: [{ items: schema }, { additionalProperties: schema }] as JsonObject[] }),
    ],
  ])('not by %s', (_name, once) => {
    expect(bodySchemaProblems(doubling(25, once))).toEqual([]);
  });

  it('is counted exactly at the bound', () => {
    expect(bodySchemaProblems({ allOf: times(999, () => ({ type: 'string' })) })).toEqual([]);
    expect(bodySchemaProblems({ allOf: times(1_000, () => ({ type: 'string' })) })).toEqual([
      { path: 'schema', message: TOO_MANY },
    ]);
  });

  it('is refused where telling it would take too long', () => {
    const patternProperties = Object.fromEntries(times(90, (at) => [`(a|b)*a(a|b){${at + 100}}$`, {}]));
    const properties = Object.fromEntries(times(900, (at) => [`${at}`.repeat(8), {}]));
    expect(bodySchemaProblems({ properties, patternProperties })).toEqual([
      { path: 'schema', message: 'combines too many names, patterns and schemas for one value; simplify it' },
    ]);
  });
});

describe('a schema that comes back to itself', () => {
  it.each<[string, JsonObject]>([
    ['a list', { properties: { next: ROOT, value: { type: 'number' } } }],
    ['a binary tree', { properties: { left: ROOT, right: ROOT }, additionalProperties: false }],
    [
      'any JSON',
      {
        oneOf: [
          { type: ['string', 'number', 'boolean', 'null'] },
          { type: 'object', additionalProperties: ROOT },
          { type: 'array', items: ROOT },
        ],
      },
    ],
    ['two that take turns', { $defs: { a: { items: ref('b') }, b: { properties: { x: ref('a') } } }, ...ref('a') }],
    ['with something beside it', { items: { allOf: [ROOT, { type: 'object' }] } }],
  ])('once for each value may: %s', (_name, schema) => {
    expect(bodySchemaProblems(schema)).toEqual([]);
  });

  it.each<[string, JsonObject, string]>([
    ['items twice', { allOf: [{ items: ROOT }, { items: ROOT }] }, 'schema.allOf[0].items'],
    ['items and contains', { items: ROOT, contains: ROOT }, 'schema.items'],
    [
      'a choice',
      { oneOf: [{ properties: { next: ROOT } }, { properties: { next: ROOT } }] },
      'schema.oneOf[0].properties.next',
    ],
    ['over two levels', { items: { allOf: [{ items: ROOT }, { items: ROOT }] } }, 'schema'],
    ['a name and any name', { properties: { a: ROOT }, unevaluatedProperties: ROOT }, 'schema.properties.a'],
  ])('twice for one value may not: %s', (_name, schema) => {
    const problems = bodySchemaProblems(schema);
    expect(problems).toMatchObject([{ message: BACK_TWICE }]);
    expect(problems[0]?.path).toMatch(/^schema/);
  });

  it('may not gather more on every level than it may', () => {
    const gathering = (count: number) => ({
      items: { allOf: [ROOT, { items: { allOf: times(count, () => ({ type: 'array' })) } }] },
    });
    expect(bodySchemaProblems(gathering(8))).toEqual([]);
    expect(bodySchemaProblems(gathering(20))).toMatchObject([{ message: TOO_MANY }]);
  });

  it('is checked to the depth that bodies have', () => {
    const validate = compileBodySchema({ properties: { left: ROOT, right: ROOT, value: { type: 'number' } } });
    let body: JsonValue = { value: 'x' };
    for (let level = 1; level < 64; level++) body = { left: body, value: level };
    expect(validate(body)).toEqual([{ path: `body${'.left'.repeat(63)}.value`, message: 'must be number' }]);
  });
});
