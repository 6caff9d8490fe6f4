import type { JsonObject, JsonValue } from '#libs/kernel';
import { BODY_SCHEMA_LIMITS as LIMITS, bodySchemaProblems } from './index.ts';

const parsed = (json: string): JsonObject => JSON.parse(json) as JsonObject;
const propertiesOf = (count: number, schema: (at: number) => JsonValue): JsonObject => ({
  properties: Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, schema(at)])),
});
function nested(levels: number): JsonObject {
  let schema: JsonObject = {};
  for (let level = 1; level < levels; level++) schema = { not: schema };
  return schema;
}

describe('a schema that is none', () => {
  it.each<[JsonObject, string, string]>([
    [
      { type: 'strin' },
      'schema.type',
      'must be one of "array", "boolean", "integer", "null", "number", "object", "string"',
    ],
    [{ properties: { a: { minLength: -1 } } }, 'schema.properties.a.minLength', 'must be >= 0'],
    [{ properties: { a: 3 } }, 'schema.properties.a', 'must be object,boolean'],
    [{ allOf: [] }, 'schema.allOf', 'must not have fewer than 1 items'],
    [{ required: ['a', 'a'] }, 'schema.required', 'must not have the same item twice'],
    [{ items: [{}] }, 'schema.items', 'must be object,boolean'],
    [{ $defs: { 'a b': { anyOf: [{}, { enum: 1 }] } } }, 'schema.$defs["a b"].anyOf[1].enum', 'must be array'],
    [
      { $schema: 'http://json-schema.org/draft-07/schema#', dependencies: { a: 1 } },
      'schema.dependencies.a',
      'must be object,boolean',
    ],
    [
      { $schema: 'http://json-schema.org/draft-04/schema#' },
      'schema.$schema',
      'must be draft 2020-12 or draft-07; leave it out for 2020-12',
    ],
    [{ $schema: 5 }, 'schema.$schema', 'must be draft 2020-12 or draft-07; leave it out for 2020-12'],
  ])('%j', (schema, path, message) => {
    expect(bodySchemaProblems(schema)).toEqual([{ path, message }]);
  });

  it('is told of at its first place', () => {
    expect(bodySchemaProblems({ properties: { a: { type: 1 }, b: { type: 2 } } })).toHaveLength(1);
  });
});

describe('what leads elsewhere', () => {
  const remote = 'must lead to a place in this schema, such as "#/$defs/name": nothing is fetched';
  const nowhere = 'leads to no schema of this schema; put what it means under $defs (draft-07: definitions)';
  const unsupported = 'is not supported; leave it out and use $ref to a place in $defs';

  it.each<[JsonObject, string, string]>([
    [{ $ref: 'https://example.com/a.json' }, 'schema.$ref', remote],
    [{ $ref: 'other.json#/a' }, 'schema.$ref', remote],
    [{ $ref: '' }, 'schema.$ref', remote],
    [{ items: { $ref: '#/$defs/none' } }, 'schema.items.$ref', nowhere],
    [{ $ref: '#none' }, 'schema.$ref', nowhere],
    [{ $ref: '#/$defs/%E0%A4%A' }, 'schema.$ref', nowhere],
    [{ 'x-kept': { a: {} }, items: { $ref: '#/x-kept/a' } }, 'schema.items.$ref', nowhere],
    [{ properties: { a: {} }, items: { $ref: '#/properties' } }, 'schema.items.$ref', nowhere],
    [{ enum: [{ type: 'string' }], items: { $ref: '#/enum/0' } }, 'schema.items.$ref', nowhere],
    [{ $id: 'https://example.com/a.json' }, 'schema.$id', unsupported],
    [{ $defs: { a: { $id: 'a' } } }, 'schema.$defs.a.$id', unsupported],
    [{ $dynamicRef: '#a' }, 'schema.$dynamicRef', unsupported],
    [{ $dynamicAnchor: 'a' }, 'schema.$dynamicAnchor', unsupported],
    [{ $recursiveRef: '#' }, 'schema.$recursiveRef', unsupported],
  ])('%j', (schema, path, message) => {
    expect(bodySchemaProblems(schema)).toEqual([{ path, message }]);
  });
});

describe('patterns', () => {
  const notRe2 = 'must be an RE2 pattern: without lookahead, lookbehind and \\1';

  it.each(['(?=a)', '(?<!a)b', '(a)\\1', '(', '[z-a]', 'a{1001}'])('%s is refused', (pattern) => {
    const patternProperties = { [pattern]: {} };
    expect(bodySchemaProblems({ pattern, properties: { a: { pattern: 'a' } } })).toEqual([
      { path: 'schema.pattern', message: notRe2 },
    ]);
    expect(bodySchemaProblems({ patternProperties })).toMatchObject([{ message: notRe2 }]);
  });

  it('are bounded in length, classes, size and number', () => {
    const messageOf = (pattern: string) => bodySchemaProblems({ items: { pattern } })[0]?.message;
    expect(messageOf('a'.repeat(LIMITS.maxPatternLength))).toBeUndefined();
    expect(messageOf('a'.repeat(LIMITS.maxPatternLength + 1))).toBe('a pattern has at most 256 characters');
    expect(messageOf('\\p{L}'.repeat(LIMITS.maxPatternClasses))).toBeUndefined();
    expect(messageOf('\\p{L}'.repeat(LIMITS.maxPatternClasses + 1))).toBe('a pattern has at most 8 Unicode classes');
    expect(messageOf('(a{30}){30}')).toBeUndefined();
    expect(messageOf('(abcd){300}')).toBe('the pattern repeats too much');
    const withPatterns = (count: number) => propertiesOf(count, (at) => ({ pattern: `a${at}` }));
    expect(bodySchemaProblems(withPatterns(LIMITS.maxPatterns))).toEqual([]);
    expect(bodySchemaProblems(withPatterns(LIMITS.maxPatterns + 5))).toEqual([
      { path: 'schema.properties.p100.pattern', message: 'is one pattern too many: there may be 100 different ones' },
    ]);
    expect(bodySchemaProblems(propertiesOf(300, () => ({ pattern: 'same' })))).toEqual([]);
  });
});

describe('size', () => {
  it('maxSchemaBytes', () => {
    const ofBytes = (bytes: number) => ({ title: 'a'.repeat(bytes - '{"title":""}'.length) });
    expect(bodySchemaProblems(ofBytes(LIMITS.maxSchemaBytes))).toEqual([]);
    expect(bodySchemaProblems(ofBytes(LIMITS.maxSchemaBytes + 1))).toEqual([
      { path: 'schema', message: 'is larger than 65536 bytes' },
    ]);
  });

  it('nesting', () => {
    expect(bodySchemaProblems(nested(64))).toEqual([]);
    expect(bodySchemaProblems(nested(65))).toEqual([{ path: 'schema', message: 'is nested deeper than 64 levels' }]);
    expect(bodySchemaProblems(nested(5_000))).toHaveLength(1);
  });

  it('maxSubschemas', () => {
    const withSchemas = (count: number) => propertiesOf(count - 1, () => ({ type: 'null' }));
    expect(bodySchemaProblems(withSchemas(LIMITS.maxSubschemas))).toEqual([]);
    expect(bodySchemaProblems(withSchemas(LIMITS.maxSubschemas + 1))).toEqual([
      { path: 'schema', message: 'has more than 2000 schemas in it' },
    ]);
  });

  it('maxProblems', () => {
    expect(bodySchemaProblems(propertiesOf(80, () => ({ $ref: '#/none' })))).toHaveLength(LIMITS.maxProblems);
  });

  it('takes a large enum', () => {
    expect(bodySchemaProblems({ enum: Array.from({ length: 9_000 }, (_, at) => at) })).toEqual([]);
  });
});

describe('the name __proto__', () => {
  it.each(['properties', 'patternProperties', 'dependentSchemas', 'dependencies'])('is refused in %s', (keyword) => {
    expect(bodySchemaProblems(parsed(`{"items":{"${keyword}":{"__proto__":{"type":"string"}}}}`))).toEqual([
      { path: `schema.items.${keyword}.__proto__`, message: 'is a name that no schema can speak of; leave it out' },
    ]);
    expect(bodySchemaProblems(parsed(`{"items":{"${keyword}":{"constructor":{"type":"string"}}}}`))).toEqual([]);
  });

  it('is a name as any other elsewhere', () => {
    expect(
      bodySchemaProblems(parsed('{"required":["__proto__"],"$defs":{"__proto__":{}},"x":{"__proto__":1}}')),
    ).toEqual([]);
  });
});

describe('unevaluatedItems', () => {
  it.each(['contains', 'anyOf', 'oneOf', 'if'])('is refused beside %s, which ajv misjudges', (keyword) => {
    const schema = {
      $defs: { a: { [keyword]: keyword.endsWith('Of') ? [{}] : {} } },
      $ref: '#/$defs/a',
      unevaluatedItems: false,
    };
    expect(bodySchemaProblems(schema)).toEqual([
      { path: 'schema.unevaluatedItems', message: `is not supported beside "${keyword}"; use prefixItems and items` },
    ]);
  });
});
