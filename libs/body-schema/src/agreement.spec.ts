import fc from 'fast-check';
import type { JsonObject, JsonValue } from '#libs/kernel';
import { createFinder, writtenSchemaOf } from './compile-body-schema.ts';
import { BODY_SCHEMA_LIMITS, bodySchemaProblems, compileBodySchema } from './index.ts';
import { judge } from './testing/judge.ts';

const NAMES = ['a', 'b', 'constructor', '__proto__', 'x-y', '0'];
const name = fc.constantFrom(...NAMES);
const schemaName = fc.constantFrom(...NAMES.filter((one) => one !== '__proto__'));

const bodies = fc.letrec<{ body: JsonValue }>((tie) => ({
  body: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.oneof(
      fc.constantFrom(null, true, false, 0, 1, -1.5, 1e300, '', 'a', 'ab', '💩', '2024-01-01'),
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
    fc.array(tie('body'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(name, fc.string()), tie('body')), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries)),
  ),
})).body;

const type = fc.constantFrom('string', 'number', 'integer', 'object', 'array', 'null', 'boolean');
const count = fc.nat({ max: 3 });
const names = fc.uniqueArray(name, { maxLength: 2 });
const ASSERTIONS: readonly (readonly [string, fc.Arbitrary<JsonValue>])[] = [
  ['type', type],
  ['type', fc.uniqueArray(type, { minLength: 1, maxLength: 3 })],
  ['enum', fc.array(bodies, { maxLength: 3 })],
  ['const', bodies],
  ['minimum', fc.integer({ min: -2, max: 2 })],
  ['maxLength', count],
  ['minItems', count],
  ['maxProperties', count],
  ['uniqueItems', fc.boolean()],
  ['required', names],
  ['dependentRequired', fc.dictionary(schemaName, names, { maxKeys: 2 })],
  ['pattern', fc.constantFrom('a', '^.$', '(a|b)*a(a|b){3}$')],
];

const oneKeyword = (keyword: string, value: fc.Arbitrary<JsonValue>): fc.Arbitrary<readonly [string, JsonValue]> =>
  fc.tuple(fc.constant(keyword), value);

/** Schemas that their meta-schema allows, a few keywords each; some refer to a definition and some to the whole. */
const schemas = fc.letrec<{ schema: JsonValue; object: JsonObject }>((tie) => {
  const one = tie('schema');
  const some = fc.array(one, { minLength: 1, maxLength: 3 });
  const map = fc.dictionary(schemaName, one, { minKeys: 1, maxKeys: 3 });
  const applied: (readonly [string, fc.Arbitrary<JsonValue>])[] = [
    ['properties', map],
    ['dependentSchemas', map],
    ['patternProperties', fc.dictionary(fc.constantFrom('^a', 'o', '.'), one, { minKeys: 1, maxKeys: 2 })],
  ];
  for (const keyword of ['prefixItems', 'allOf', 'anyOf', 'oneOf']) applied.push([keyword, some]);
  const ofOne = ['additionalProperties', 'unevaluatedProperties', 'propertyNames', 'items', 'contains'];
  for (const keyword of [...ofOne, 'not', 'if', 'then', 'else']) applied.push([keyword, one]);
  const keywords = [...ASSERTIONS, ...applied].map(([keyword, value]) => oneKeyword(keyword, value));
  return {
    schema: fc.oneof(
      { maxDepth: 4 },
      { arbitrary: fc.boolean(), weight: 1 },
      { arbitrary: fc.record({ $ref: fc.constant('#/$defs/one') }), weight: 1 },
      { arbitrary: fc.record({ items: fc.record({ $ref: fc.constant('#') }) }), weight: 1 },
      { arbitrary: tie('object'), weight: 6 },
    ),
    object: fc
      .array(fc.oneof(...keywords), { minLength: 1, maxLength: 4 })
      .map((entries): JsonObject => Object.fromEntries(entries)),
  };
});
const wholeSchemas = fc
  .tuple(schemas.object, schemas.object)
  .map(([schema, one]): JsonObject => ({ ...schema, $defs: { one } }));

describe('for every schema and every body', () => {
  it('both validators agree with each other and with the standard, nothing is thrown and nothing is changed', () => {
    const seen = { published: 0, refused: 0, allowed: 0, failed: 0 };
    fc.assert(
      fc.property(wholeSchemas, fc.array(bodies, { minLength: 3, maxLength: 6 }), (schema, tried) => {
        if (bodySchemaProblems(schema).length > 0) {
          seen.refused++;
          return;
        }
        seen.published++;
        const written = writtenSchemaOf(schema);
        const [first, all] = [createFinder(written, false), createFinder(written, true)];
        const validate = compileBodySchema(schema);
        const allows = judge(schema);
        for (const body of tried) {
          const before = JSON.stringify(body);
          const [one, every] = [first(body, BODY_SCHEMA_LIMITS.maxSteps), all(body, BODY_SCHEMA_LIMITS.maxSteps)];
          expect(every.length === 0).toBe(one.length === 0);
          expect(validate(body).length === 0).toBe(one.length === 0);
          if (!JSON.stringify(schema).includes('"unevaluated')) expect(allows(body)).toBe(one.length === 0);
          expect(JSON.stringify(body)).toBe(before);
          if (one.length === 0) seen.allowed++;
          else seen.failed++;
        }
      }),
      { numRuns: 150 },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
  });

  it('a schema of any JSON is refused or compiles', () => {
    const anything = fc.dictionary(
      fc.oneof(
        fc.constantFrom('$ref', '$schema', '$defs', 'items', 'properties', 'pattern', 'type', 'allOf'),
        fc.string(),
      ),
      bodies,
    );
    fc.assert(
      fc.property(anything, bodies, (schema, body) => {
        if (bodySchemaProblems(schema).length === 0) compileBodySchema(schema)(body);
      }),
      { numRuns: 300 },
    );
  });
});
