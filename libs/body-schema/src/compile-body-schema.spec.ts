import type { JsonObject, JsonValue } from '#libs/kernel';
import { BODY_SCHEMA_LIMITS as LIMITS, BodySchemas, bodySchemaProblems, compileBodySchema } from './index.ts';

const parsed = (json: string): JsonValue => JSON.parse(json) as JsonValue;
const list = <Made>(length: number, make: (at: number) => Made): Made[] => Array.from({ length }, (_, at) => make(at));
const ORDER: JsonObject = {
  type: 'object',
  properties: {
    items: {
      type: 'array',
      items: {
        type: 'object',
        properties: { amount: { type: 'number', minimum: 0 }, kind: { enum: ['a', 'b'] } },
        required: ['amount'],
        additionalProperties: false,
      },
    },
    '3': { type: 'string' },
  },
  dependentRequired: { paid: ['paidAt'] },
  propertyNames: { maxLength: 10 },
};
const TOO_LONG = {
  path: 'body',
  message: 'takes too long to check against the schema; send less at once, or publish a simpler schema',
};

describe('the problems of a body', () => {
  const validate = compileBodySchema(ORDER);

  it.each<[JsonValue, string, string]>([
    [5, 'body', 'must be object'],
    [{ items: [{ amount: 1 }, { amount: '1' }] }, 'body.items[1].amount', 'must be number'],
    [{ items: [{ amount: -1 }] }, 'body.items[0].amount', 'must be >= 0'],
    [{ items: [{}] }, 'body.items[0].amount', 'is required'],
    [{ items: [{ amount: 1, kind: 'c' }] }, 'body.items[0].kind', 'must be one of "a", "b"'],
    [{ items: [{ amount: 1, 'a b': 1 }] }, 'body.items[0]["a b"]', 'is not allowed'],
    [{ items: [{ amount: 1, constructor: 1 }] }, 'body.items[0].constructor', 'is not allowed'],
    [{ 3: 5 }, 'body["3"]', 'must be string'],
    [{ paid: true }, 'body.paidAt', 'is required when "paid" is there'],
  ])('%j', (body, path, message) => {
    expect(validate(body)).toEqual([{ path, message }]);
  });

  it('are all told, each once', () => {
    const problems = validate({ items: [{ amount: 'x', kind: 1, extra: 1 }, {}] });
    expect(problems.map(({ path, message }) => `${path} ${message}`).sort()).toEqual([
      'body.items[0].amount must be number',
      'body.items[0].extra is not allowed',
      'body.items[0].kind must be one of "a", "b"',
      'body.items[1].amount is required',
    ]);
    const twice = compileBodySchema({ allOf: [{ type: 'string' }, { type: 'string' }] });
    expect(twice(1)).toEqual([{ path: 'body', message: 'must be string' }]);
  });

  it('name the field whose name is wrong', () => {
    expect(validate({ 'a long name': 1 })).toEqual([
      { path: 'body["a long name"]', message: 'its name must not have more than 10 characters' },
      { path: 'body["a long name"]', message: 'has a name that is not allowed' },
    ]);
  });

  it('show short values of the schema and no long ones', () => {
    const long = 'x'.repeat(300);
    expect(compileBodySchema({ const: { a: 1 } })(1)[0]?.message).toBe('must be {"a":1}');
    expect(compileBodySchema({ const: long })(1)[0]?.message).toBe('must be the value in the schema');
    expect(compileBodySchema({ enum: [long, 1] })(2)[0]?.message).toBe('must be one of the values in the schema');
    expect(compileBodySchema({ enum: list(11, (at) => at) })('')[0]?.message).toBe(
      'must be one of the values in the schema',
    );
  });

  it('are at most fifty, and short whatever the body is', () => {
    const none = compileBodySchema({ additionalProperties: false });
    const body = Object.fromEntries(list(60, (at) => [`${at}`.repeat(200), 1]));
    const problems = none(body);
    expect(problems).toHaveLength(LIMITS.maxProblems);
    expect(Math.max(...problems.map(({ path }) => path.length))).toBeLessThan(100);
  });

  it('are the first one only of a large body', () => {
    const numbers = compileBodySchema({ items: { type: 'number' } });
    expect(numbers(list(2_000, () => 'x'))).toHaveLength(LIMITS.maxProblems);
    expect(numbers(list(20_000, () => 'x'))).toEqual([{ path: 'body[0]', message: 'must be number' }]);
  });

  it('are the first one only where all would be too many to gather', () => {
    const required = list(5_000, (at) => `n${at}`);
    const validateAll = compileBodySchema({ items: { required } });
    expect(validateAll(list(1_000, () => ({})))).toEqual([{ path: 'body[0].n0', message: 'is required' }]);
  });
});

describe('a check', () => {
  it('leaves the body as it is', () => {
    const validate = compileBodySchema({
      properties: { a: { type: 'number', default: 1 }, b: { type: 'string' } },
      additionalProperties: false,
    });
    const body = Object.freeze({ b: '1', c: Object.freeze([1]) });
    expect(validate(body)).toHaveLength(1);
    expect(body).toEqual({ b: '1', c: [1] });
    expect(validate({ a: '1' })).toEqual([{ path: 'body.a', message: 'must be number' }]);
  });

  it('knows nothing of the body before', () => {
    const validate = compileBodySchema({ items: { type: 'number' } });
    expect(validate(['x'])).toHaveLength(1);
    expect(validate([1])).toEqual([]);
    expect(validate([1, 'x'])).toEqual([{ path: 'body[1]', message: 'must be number' }]);
  });
});

describe('names that every object has', () => {
  const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];

  it.each(names)('%s is a field as any other', (name) => {
    const body = parsed(`{"${name}":{"polluted":1}}`);
    expect(compileBodySchema({ additionalProperties: false })(body)).toHaveLength(1);
    expect(compileBodySchema({ additionalProperties: { type: 'string' } })(body)).toEqual([
      { path: `body.${name}`, message: 'must be string' },
    ]);
    expect(compileBodySchema({ required: [name] })(body)).toEqual([]);
    expect(compileBodySchema({ required: [name] })({})).toEqual([{ path: `body.${name}`, message: 'is required' }]);
    expect(compileBodySchema({ propertyNames: { maxLength: 3 } })(body)[0]?.path).toBe(`body.${name}`);
    expect(compileBodySchema({ patternProperties: { '.': { type: 'string' } } })(body)[0]?.path).toBe(`body.${name}`);
    expect(compileBodySchema({ enum: [body] })(body)).toEqual([]);
    expect(compileBodySchema({ enum: [{}] })(body)).toHaveLength(1);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it.each(names.slice(1))('%s may be asked for', (name) => {
    const validate = compileBodySchema({
      properties: { [name]: { type: 'string' } },
      dependentRequired: { [name]: ['a'] },
    });
    expect(validate({})).toEqual([]);
    expect(validate({ [name]: 'x', a: 1 })).toEqual([]);
    expect(validate({ [name]: 1, a: 1 })).toEqual([{ path: `body.${name}`, message: 'must be string' }]);
  });

  it.each(['a"; throw 1; "', '\\', '`${1}`', '\u2028', "'", '*/', '\0', '{{'])(
    '%j is a name in the code as well',
    (name) => {
      const schema = {
        properties: { [name]: { const: name } },
        required: [name],
        patternProperties: { '^x': { enum: [name] } },
        dependentRequired: { [name]: [name] },
      };
      expect(bodySchemaProblems(schema)).toEqual([]);
      const validate = compileBodySchema(schema);
      expect(validate({ [name]: name })).toEqual([]);
      expect(validate({ [name]: 1 })).toMatchObject([{ message: `must be ${JSON.stringify(name)}` }]);
      expect(validate({})).toMatchObject([{ message: 'is required' }]);
    },
  );
});

describe('what a check may cost', () => {
  it.each<[string, JsonObject, () => JsonValue]>([
    [
      'many schemas for many values',
      { items: { allOf: list(900, () => ({ minimum: 0 })) } },
      () => list(200_000, () => 0),
    ],
    [
      'many properties for many values',
      { items: { properties: Object.fromEntries(list(1_500, (at) => [`p${at}`, { minimum: 0 }])) } },
      () => list(200_000, () => ({})),
    ],
    [
      'names asked for and not there',
      { items: { not: { required: list(5_000, (at) => `n${at}`) } } },
      () => list(200_000, () => ({})),
    ],
    [
      'a large object listed often',
      { allOf: list(900, (at) => ({ maxProperties: 1e9 - at })) },
      () => Object.fromEntries(list(100_000, (at) => [`n${at}`, 0])),
    ],
    ['a hard pattern on a long text', { pattern: '(a|b)*a(a|b){200}$' }, () => 'ab'.repeat(500_000)],
    [
      'a long text measured often',
      { allOf: list(900, (at) => ({ maxLength: 1e9 - at })) },
      () => 'a'.repeat(1_000_000),
    ],
  ])('is bounded: %s', (_name, schema, body) => {
    expect(bodySchemaProblems(schema)).toEqual([]);
    expect(compileBodySchema(schema)(body())).toEqual([TOO_LONG]);
  });

  it('is little for large bodies of ordinary schemas', () => {
    const validate = compileBodySchema(ORDER);
    expect(validate({ items: list(100_000, (at) => ({ amount: at, kind: 'a' })) })).toEqual([]);
  });

  it('grows with the list, for unique items and values of an enum', () => {
    const values = list(9_000, (at) => at);
    expect(compileBodySchema({ uniqueItems: true })(list(100_000, (at) => ({ at })))).toEqual([]);
    expect(compileBodySchema({ items: { enum: values } })(list(200_000, (at) => at % 9_000))).toEqual([]);
  });

  it('does not overflow on chains of references on every level', () => {
    const steps = list(200, (at): [string, JsonObject] => [`d${at}`, { $ref: `#/$defs/d${at + 1}` }]);
    const schema = {
      $defs: Object.fromEntries([...steps, ['d200', { items: { $ref: '#/$defs/d0' } }]]),
      $ref: '#/$defs/d0',
    };
    expect(bodySchemaProblems(schema)).toEqual([]);
    let body: JsonValue = [];
    for (let level = 1; level < 64; level++) body = [body];
    expect([[], [TOO_LONG]]).toContainEqual(compileBodySchema(schema)(body));
  });

  it('is known when a chain of references is too long to compile', () => {
    const steps = list(900, (at): [string, JsonObject] => [`d${at}`, { items: { $ref: `#/$defs/d${at + 1}` } }]);
    const schema = { $defs: Object.fromEntries([...steps, ['d900', {}]]), $ref: '#/$defs/d0' };
    expect(bodySchemaProblems(schema)).toEqual([
      { path: 'schema', message: 'has too long a chain of $ref; let fewer schemas refer on to the next' },
    ]);
  });
});

describe('a schema with a problem', () => {
  it('is not compiled', () => {
    expect(() => compileBodySchema({ $ref: 'https://example.com/' })).toThrow('a schema with problems was published');
    expect(() => compileBodySchema({ $schema: 'x' })).toThrow('a schema of an unknown draft was published');
  });
});

describe('compiled schemas', () => {
  const key = { workflowId: 'wf_1', version: 1, nodeId: 'hook' };

  it('are kept, one for each node and version', () => {
    const schemas = new BodySchemas();
    const first = schemas.validatorFor(key, { type: 'string' });
    expect(schemas.validatorFor({ ...key }, { type: 'string' })).toBe(first);
    for (const other of [
      { ...key, version: 2 },
      { ...key, nodeId: 'other' },
      { ...key, workflowId: 'wf_2' },
    ]) {
      expect(schemas.validatorFor(other, { type: 'number' })(1)).toEqual([]);
    }
    expect(first(1)).toHaveLength(1);
  });

  it('are forgotten, those used longest ago', () => {
    const schemas = new BodySchemas(2);
    const first = schemas.validatorFor(key, {});
    const second = schemas.validatorFor({ ...key, version: 2 }, {});
    expect(schemas.validatorFor(key, {})).toBe(first);
    schemas.validatorFor({ ...key, version: 3 }, {});
    expect(schemas.validatorFor(key, {})).toBe(first);
    expect(schemas.validatorFor({ ...key, version: 2 }, {})).not.toBe(second);
  });
});
