import type { JsonObject, JsonValue } from '#libs/kernel';
import { bodySchemaProblems, compileBodySchema } from './index.ts';

const DRAFT_07 = { $schema: 'http://json-schema.org/draft-07/schema#' };
const TREE: JsonObject = {
  type: 'object',
  properties: { value: { type: 'number' }, children: { type: 'array', items: { $ref: '#' } } },
  required: ['value'],
};

/** A schema, bodies it allows, bodies it does not. */
const CASES: readonly (readonly [string, JsonObject, readonly JsonValue[], readonly JsonValue[]])[] = [
  ['nothing', {}, [null, 1, 'a', [], {}], []],
  ['type', { type: 'object' }, [{}], [[], null, 1, 'a', true]],
  ['type integer', { type: 'integer' }, [1, -1, 1.0, 1e20], [1.5, '1', null]],
  ['type null', { type: 'null' }, [null], [0, '', false]],
  ['several types', { type: ['string', 'null'] }, ['a', null], [1, {}]],
  ['no coercion', { type: 'number' }, [1], ['1', true, null]],
  [
    'enum',
    { enum: ['a', 1, null, { b: [1], c: 2 }, [1]] },
    ['a', 1, null, { c: 2, b: [1] }, [1]],
    ['1', '"a', 0, { b: [1] }, '[1]', []],
  ],
  ['enum of nothing', { enum: [] }, [], [1, null]],
  ['const', { const: { a: [1, { b: null }] } }, [{ a: [1, { b: null }] }], [{ a: [1, {}] }, { a: [1, { b: 0 }] }]],
  ['const, false is not 0', { const: false }, [false], [0, '', null]],
  ['const null', { const: null }, [null], [false, 0]],
  ['multipleOf', { multipleOf: 0.01 }, [19.99, 0, 4.35, '4.351'], [4.351, 0.005]],
  ['multipleOf of a large number', { multipleOf: 2 }, [1e22, 8], [7]],
  ['minimum and maximum', { minimum: 1, maximum: 3 }, [1, 3, 'x'], [0.9, 3.1]],
  ['exclusive bounds', { exclusiveMinimum: 1, exclusiveMaximum: 3 }, [2], [1, 3]],
  ['lengths count characters', { minLength: 2, maxLength: 2 }, ['ab', '💩💩', 5], ['a', 'abc', '💩']],
  ['pattern anywhere', { pattern: 'b+' }, ['abc', 1], ['ac', '']],
  ['pattern in JavaScript words', { pattern: '^(?<name>\\u0041)\\/$' }, ['A/'], ['B/']],
  ['items counted', { minItems: 1, maxItems: 2 }, [[1], [1, 2], {}], [[], [1, 2, 3]]],
  [
    'uniqueItems',
    { uniqueItems: true },
    [
      [1, '1', true, [1], { a: 1 }],
      [{ a: 1, b: 2 }, { a: 1 }],
    ],
    [
      [1, 1],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
  ],
  [
    'uniqueItems of texts',
    { uniqueItems: true, items: { type: 'string' } },
    [['a', '__proto__', 'constructor']],
    [['__proto__', '__proto__']],
  ],
  ['uniqueItems false', { uniqueItems: false }, [[1, 1]], []],
  ['items', { items: { type: 'number' } }, [[], [1, 2], { 0: 'a' }], [[1, 'a']]],
  ['items false', { items: false }, [[]], [[1]]],
  [
    'prefixItems',
    { prefixItems: [{ type: 'number' }, { type: 'string' }] },
    [[], [1], [1, 'a', null]],
    [['a'], [1, 1]],
  ],
  ['prefixItems and items', { prefixItems: [true], items: { type: 'string' } }, [[1, 'a']], [[1, 2]]],
  ['contains', { contains: { const: 1 } }, [[0, 1]], [[], [0]]],
  [
    'contains after a longer tuple',
    { prefixItems: [{ type: 'string' }], contains: { const: 1 } },
    [['a', 1]],
    [[], ['a'], [1, 2]],
  ],
  [
    'patterns after a choice',
    {
      dependentSchemas: { a: { properties: { b: true } } },
      patternProperties: { '.': { type: 'null' } },
      unevaluatedProperties: false,
    },
    [{ c: null }, {}],
    [{ c: 1 }],
  ],
  [
    'minContains, maxContains',
    { contains: { const: 1 }, minContains: 2, maxContains: 3 },
    [
      [1, 1],
      [1, 0, 1, 1],
    ],
    [[1], [1, 1, 1, 1]],
  ],
  ['minContains 0', { contains: { const: 1 }, minContains: 0 }, [[], [0]], []],
  [
    'unevaluatedItems',
    { allOf: [{ prefixItems: [true] }], unevaluatedItems: { type: 'string' } },
    [[1], [1, 'a']],
    [[1, 2]],
  ],
  ['properties', { properties: { a: { type: 'number' }, b: true } }, [{}, { a: 1, c: 'x' }, []], [{ a: 'x' }]],
  ['a property that may not be', { properties: { a: false } }, [{}], [{ a: 1 }]],
  ['required', { required: ['a', 'b'] }, [{ a: null, b: 0 }, []], [{ a: 1 }, {}]],
  ['required, own names only', { required: ['toString', 'constructor'] }, [{ toString: 1, constructor: 2 }], [{}]],
  [
    'required with many names',
    { required: Array.from({ length: 30 }, (_, at) => `n${at}`) },
    [Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`n${at}`, 0]))],
    [{ n1: 1 }],
  ],
  [
    'properties counted',
    { minProperties: 1, maxProperties: 2 },
    [{ a: 1 }, { a: 1, b: 2 }],
    [{}, { a: 1, b: 2, c: 3 }],
  ],
  [
    'additionalProperties false',
    { properties: { a: true }, additionalProperties: false },
    [{}, { a: 1 }],
    [{ b: 1 }, { constructor: 1 }],
  ],
  [
    'additionalProperties with a schema',
    { properties: { a: true }, additionalProperties: { type: 'string' } },
    [{ a: 1, b: 'x' }],
    [{ b: 1 }],
  ],
  [
    'patternProperties',
    { patternProperties: { '^x-': { type: 'string' } }, additionalProperties: false },
    [{ 'x-a': 'b' }],
    [{ 'x-a': 1 }, { a: 'b' }],
  ],
  ['propertyNames', { propertyNames: { maxLength: 2 } }, [{ ab: 1 }], [{ abc: 1 }]],
  ['dependentRequired', { dependentRequired: { a: ['b'] } }, [{ b: 1 }, { a: 1, b: 1 }], [{ a: 1 }]],
  ['dependentSchemas', { dependentSchemas: { a: { required: ['b'] } } }, [{}, { a: 1, b: 1 }], [{ a: 1 }]],
  [
    'dependencies of either kind',
    { dependencies: { a: ['b'], c: { required: ['d'] } } },
    [
      { a: 1, b: 1 },
      { c: 1, d: 1 },
    ],
    [{ a: 1 }, { c: 1 }],
  ],
  [
    'dependencies beside the newer words',
    { dependencies: { a: ['b'] }, dependentRequired: { a: ['c'] } },
    [{ a: 1, b: 1, c: 1 }],
    [
      { a: 1, b: 1 },
      { a: 1, c: 1 },
    ],
  ],
  [
    'unevaluatedProperties',
    { allOf: [{ properties: { a: true } }], unevaluatedProperties: false },
    [{ a: 1 }],
    [{ a: 1, b: 1 }, { constructor: 1 }],
  ],
  [
    'unevaluatedProperties after a choice',
    {
      anyOf: [
        { properties: { a: { const: 1 } }, required: ['a'] },
        { properties: { b: { const: 1 } }, required: ['b'] },
      ],
      unevaluatedProperties: false,
    },
    [{ a: 1 }, { b: 1 }],
    [
      { a: 1, b: 2 },
      { a: 1, toString: 1 },
    ],
  ],
  [
    'unevaluatedProperties after if',
    {
      if: { properties: { a: { const: 1 } }, required: ['a'] },
      then: { properties: { b: true } },
      else: { properties: { c: true } },
      unevaluatedProperties: false,
    },
    [{ a: 1, b: 1 }, { c: 1 }],
    [{ a: 2 }, { a: 1, c: 1 }, { b: 1 }],
  ],
  [
    'unevaluatedProperties after if alone',
    { if: { properties: { a: { const: 1 } } }, unevaluatedProperties: false },
    [{ a: 1 }, {}],
    [{ a: 2 }, { b: 1 }],
  ],
  ['allOf', { allOf: [{ minimum: 1 }, { maximum: 2 }] }, [1, 2], [0, 3]],
  ['anyOf', { anyOf: [{ type: 'string' }, { minimum: 2 }] }, ['a', 2], [1]],
  ['oneOf', { oneOf: [{ minimum: 2 }, { maximum: 4 }] }, [1, 5], [3]],
  ['not', { not: { type: 'string' } }, [1], ['a']],
  ['if, then, else', { if: { type: 'string' }, then: { minLength: 1 }, else: { minimum: 1 } }, ['a', 1], ['', 0]],
  ['then without if', { then: { type: 'string' } }, [1], []],
  [
    '$ref to $defs',
    { $defs: { 'a/b %~': { type: 'string' } }, properties: { x: { $ref: '#/$defs/a~1b%20%25~0' } } },
    [{ x: 'a' }],
    [{ x: 1 }],
  ],
  ['$ref with company', { $defs: { a: { type: 'string' } }, $ref: '#/$defs/a', minLength: 2 }, ['ab'], ['a', 1]],
  ['$ref to an anchor', { $defs: { a: { $anchor: 'text', type: 'string' } }, $ref: '#text' }, ['a'], [1]],
  ['$ref to a boolean', { $defs: { no: false }, properties: { a: { $ref: '#/$defs/no' } } }, [{}], [{ a: 1 }]],
  [
    '$ref into properties',
    { properties: { a: { type: 'string' }, b: { $ref: '#/properties/a' } } },
    [{ b: 'x' }],
    [{ b: 1 }],
  ],
  [
    'a tree',
    TREE,
    [{ value: 1, children: [{ value: 2, children: [] }] }],
    [
      { value: 1, children: [{ value: 'x' }] },
      { value: 1, children: [{}] },
    ],
  ],
  ['an unknown format', { format: 'shoe-size' }, ['x'], []],
  ['a known format', { format: 'date' }, ['2024-02-29', 3], ['2023-02-29']],
  [
    'draft-07: items as a list',
    { ...DRAFT_07, items: [{ type: 'number' }], additionalItems: false },
    [[], [1]],
    [['a'], [1, 2]],
  ],
  [
    'draft-07: items as a schema',
    { ...DRAFT_07, items: { type: 'number' }, additionalItems: false },
    [[1, 2]],
    [['a']],
  ],
  [
    'draft-07: definitions',
    { ...DRAFT_07, definitions: { a: { type: 'string' } }, items: { $ref: '#/definitions/a' } },
    [['a']],
    [[1]],
  ],
  [
    'draft-07: $ref stands alone',
    { ...DRAFT_07, definitions: { a: {} }, $ref: '#/definitions/a', type: 'string' },
    [1, 'a'],
    [],
  ],
  [
    'draft-07: newer words say nothing',
    { ...DRAFT_07, prefixItems: [false], dependentRequired: { a: ['b'] } },
    [[1], { a: 1 }],
    [],
  ],
];

describe.each(CASES)('%s', (_name, schema, allowed, refused) => {
  it('is a schema that may be published', () => {
    expect(bodySchemaProblems(schema)).toEqual([]);
  });

  it('allows and refuses what the standard says', () => {
    const validate = compileBodySchema(schema);
    for (const body of allowed) expect({ body, problems: validate(body) }).toEqual({ body, problems: [] });
    for (const body of refused) expect({ body, problems: validate(body) }).not.toEqual({ body, problems: [] });
  });
});

describe('keywords that only ajv knows', () => {
  it.each<JsonObject>([
    { $async: true, type: 'number' },
    { nullable: true, type: 'number' },
    { type: 'number', id: 'x' },
    { type: 'number', $comment: 'x', default: 3, discriminator: { propertyName: 'a' } },
    { type: 'number', steps: 'x' },
    { type: 'number', formatMinimum: 3, $data: '/a', minimum: -10 },
  ])('are annotations: %j', (schema) => {
    expect(bodySchemaProblems(schema)).toEqual([]);
    const validate = compileBodySchema(schema);
    expect(validate(1)).toEqual([]);
    expect(validate(null)).toEqual([{ path: 'body', message: 'must be number' }]);
  });
});
