import { stringify } from 'yaml';
import { OPENAPI_LIMITS } from '../limits.ts';
import { operationIn, operationsIn } from '../testing/operations-in.ts';
import { PET_STORE } from '../testing/pet-store.ts';
import { readOpenApi } from './read-openapi.ts';
import { Refused } from './refused.ts';

const documentOf = (paths: object, components: object = {}, openapi = '3.1.0') => ({ openapi, paths, components });
const withBody = (schema: object, schemas: object = {}, openapi = '3.0.3') =>
  documentOf(
    { '/a': { post: { operationId: 'a', requestBody: { content: { 'application/json': { schema } } } } } },
    { schemas },
    openapi,
  );
const bodySchema = (document: object) => operationIn(document, 'a').body?.content[0]?.schema;

function refusalOf(document: object | string): Refused {
  try {
    readOpenApi(typeof document === 'string' ? document : JSON.stringify(document));
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
const problemsOf = (document: object | string) =>
  refusalOf(document).problems.map(({ path, message }) => `${path}: ${message}`);

describe('an OpenAPI document', () => {
  it('tells what it is, and its operations in their order', () => {
    const { operations, ...told } = readOpenApi(JSON.stringify(PET_STORE));
    expect(told).toEqual({
      ...{ format: 'json', openapi: '3.1.0', title: 'Pets', apiVersion: '2026-11' },
      servers: [
        { url: 'https://eu.pets.example.com/v1' },
        { url: 'https://test.pets.example.com', description: 'For tries' },
      ],
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic' },
        bearer: { type: 'http', scheme: 'bearer' },
        key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
        queryKey: { type: 'apiKey', in: 'query', name: 'key' },
        cookieKey: { type: 'apiKey', in: 'cookie', name: 'session' },
        login: { type: 'oauth2' },
      },
    });
    expect(operations.map(({ operationId, method, path }) => `${operationId} ${method} ${path}`)).toEqual([
      'listPets GET /pets',
      'createPet POST /pets',
      'get_pets_petId GET /pets/{petId}',
      'deletePet DELETE /pets/{petId}',
      'putPhoto PUT /pets/{petId}/photo',
    ]);
  });

  it('is the same as YAML', () => {
    expect(operationsIn(stringify(PET_STORE))).toEqual(operationsIn(PET_STORE));
    expect(readOpenApi(stringify(PET_STORE)).format).toBe('yaml');
  });

  it('gives each operation all it needs and nothing else', () => {
    expect(operationIn(PET_STORE, 'createPet')).toEqual({
      ...{ operationId: 'createPet', method: 'POST', path: '/pets', deprecated: false, tags: ['pets'] },
      parameters: [
        {
          ...{ key: 'X-Trace', name: 'X-Trace', in: 'header', required: false, schema: { type: 'string' } },
          ...{ style: 'simple', explode: false, allowReserved: false },
        },
      ],
      body: {
        required: true,
        content: [
          { mediaType: 'application/x-www-form-urlencoded', schema: { $ref: '#/$defs/Pet' } },
          { mediaType: 'application/json', schema: { $ref: '#/$defs/Pet' } },
        ],
      },
      security: [
        [{ name: 'key', scheme: { type: 'apiKey', in: 'header', name: 'X-Api-Key' } }],
        [{ name: 'login', scheme: { type: 'oauth2' } }],
      ],
      servers: [
        { url: 'https://eu.pets.example.com/v1' },
        { url: 'https://test.pets.example.com', description: 'For tries' },
      ],
      $defs: {
        Pet: {
          type: 'object',
          properties: {
            id: { type: 'integer', readOnly: true },
            name: { type: 'string', minLength: 1 },
            born: { type: ['string', 'null'], format: 'date' },
            parents: { type: 'array', items: { $ref: '#/$defs/Pet' }, maxItems: 2 },
          },
          // What is read only is not asked for.
          required: ['name'],
          additionalProperties: false,
        },
      },
      unchecked: [],
    });
  });

  it('has parameters in their usual styles, without those that have a place of their own', () => {
    const { parameters } = operationIn(PET_STORE, 'listPets');
    expect(parameters.map(({ key, style, explode, isJson = false }) => [key, style, explode, isJson])).toEqual([
      ['X-Trace', 'simple', false, false],
      ['limit', 'form', true, false],
      ['tags', 'form', false, false],
      ['filter', 'deepObject', true, false],
      ['where', 'form', true, true],
      ['seen', 'form', true, false],
    ]);
  });

  it('takes security, servers and parameters from where they are nearest', () => {
    expect(operationIn(PET_STORE, 'listPets').security?.map((one) => one.map(({ name }) => name))).toEqual([
      ['bearer'],
      ['basic'],
    ]);
    expect(operationIn(PET_STORE, 'get_pets_petId').security).toEqual([]);
    expect(operationIn(documentOf({ '/a': { get: {} } }), 'get_a').security).toBeNull();
    expect(operationIn(PET_STORE, 'deletePet').servers).toEqual([{ url: 'https://admin.pets.example.com' }]);
    // Which the document does not speak of.
    expect(operationIn(PET_STORE, 'deletePet').parameters[0]).toMatchObject({ key: 'petId', required: true });
  });

  it('names parameters by their place where a name stands twice', () => {
    const parameters = ['query', 'path', 'header'].map((place) => ({
      name: place === 'header' ? 'x' : 'id',
      in: place,
    }));
    const { parameters: read } = operationIn(documentOf({ '/a/{id}': { get: { parameters } } }), 'get_a_id');
    expect(read.map(({ key }) => key)).toEqual(['query.id', 'path.id', 'x']);
  });

  it('makes ids unique', () => {
    const get = { operationId: 'a' };
    const paths = { '/a': { get }, '/b': { get }, '/b-': { get: {} }, '/c': { get: { operationId: 'x'.repeat(300) } } };
    expect(operationsIn(documentOf(paths)).map(({ operationId }) => operationId)).toEqual([
      'a',
      'get_b',
      'get_b_2',
      'get_c',
    ]);
  });

  describe('of 3.0 has its schemas turned into 2020-12', () => {
    it.each<[object, object]>([
      [{ type: 'string', nullable: true }, { type: ['string', 'null'] }],
      [
        { type: 'string', nullable: true, enum: ['a'] },
        { type: ['string', 'null'], enum: ['a', null] },
      ],
      [{ nullable: true, allOf: [{ type: 'object' }] }, { anyOf: [{ type: 'null' }, { allOf: [{ type: 'object' }] }] }],
      [
        { type: 'number', minimum: 1, exclusiveMinimum: true },
        { type: 'number', exclusiveMinimum: 1 },
      ],
      [
        { type: 'number', maximum: 1, exclusiveMaximum: false },
        { type: 'number', maximum: 1 },
      ],
      [
        { type: 'string', example: 'a', xml: {}, 'x-own': 1 },
        { type: 'string', examples: ['a'] },
      ],
      [
        { type: 'string', format: 'binary' },
        { type: ['string', 'object'], format: 'binary' },
      ],
      [{ properties: { a: { nullable: true, type: 'null' } } }, { properties: { a: { type: ['null', 'null'] } } }],
    ])('%j', (old, modern) => expect(bodySchema(withBody(old))).toEqual(modern));

    it('with a $ref alone where it has one, and beside others in 3.1', () => {
      const schemas = { A: { type: 'string' } };
      const schema = { $ref: '#/components/schemas/A', minLength: 3 };
      expect(bodySchema(withBody(schema, schemas, '3.0.3'))).toEqual({ $ref: '#/$defs/A' });
      expect(bodySchema(withBody(schema, schemas, '3.1.0'))).toEqual({ $ref: '#/$defs/A', minLength: 3 });
    });
  });

  it('may refer in circles, and to any place in it', () => {
    const schemas = {
      'A b': { properties: { b: { $ref: '#/components/schemas/B' }, self: { $ref: '#/components/schemas/A%20b' } } },
      B: { items: { $ref: '#/components/schemas/A b' } },
      C: { $ref: '#/components/schemas/C' },
    };
    const { $defs, body } = operationIn(
      withBody({ anyOf: [{ $ref: '#/components/schemas/B/items' }, { $ref: '#/components/schemas/C' }] }, schemas),
      'a',
    );
    expect(body?.content[0]?.schema).toEqual({ anyOf: [{ $ref: '#/$defs/items' }, { $ref: '#/$defs/C' }] });
    expect($defs).toEqual({
      items: { $ref: '#/$defs/A_b' },
      A_b: { properties: { b: { $ref: '#/$defs/B' }, self: { $ref: '#/$defs/A_b' } } },
      B: { items: { $ref: '#/$defs/A_b' } },
      C: { $ref: '#/$defs/C' },
    });
  });

  it('may have names that mean something elsewhere', () => {
    const text = `{"openapi":"3.1.0","paths":{"/{__proto__}":{"get":{"operationId":"__proto__",
      "parameters":[{"name":"__proto__","in":"query"},{"name":"constructor","in":"query"}],
      "requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/__proto__"}}}}}}},
      "components":{"schemas":{"__proto__":{"properties":{"__proto__":{"type":"string"}}}},"securitySchemes":{"__proto__":{"type":"oauth2"}}}}`;
    const { parameters, $defs } = operationIn(text, '__proto__');
    expect(parameters.map(({ key }) => key)).toEqual(['query.__proto__', 'constructor', 'path.__proto__']);
    expect(JSON.stringify($defs)).toBe('{"schema__proto_":{"properties":{"__proto__":{"type":"string"}}}}');
    expect(Object.keys(readOpenApi(text).securitySchemes)).toEqual(['__proto__']);
    expect(problemsOf(withBody({ $ref: '#/constructor/prototype' }))[0]).toMatch(/leads nowhere/);
  });

  describe('is refused', () => {
    it.each<[string, object | string, string]>([
      ['no JSON', '{', 'document: is not JSON'],
      ['no YAML', 'a: [', 'document: line 1: is not YAML'],
      ['a list', '- a', 'document: must be an object'],
      ['Swagger', { swagger: '2.0' }, 'document.openapi: must be 3.0'],
      ['nothing', documentOf({}), 'document.paths: has no operation'],
      ['a path without /', documentOf({ a: { get: {} } }), 'document.paths.a: must be a path'],
      ['an item that is none', documentOf({ '/a': 1 }), 'document.paths["/a"]: must be an object'],
      [
        'a URL',
        withBody({ $ref: 'https://example.com/a' }),
        'document.paths["/a"].post.requestBody.content["application/json"].schema.$ref: must lead to a place in this document',
      ],
      ['a file', withBody({ $ref: '../../etc/passwd' }), 'nothing is fetched, and ../../etc/passwd is elsewhere'],
      ['an anchor', withBody({ $ref: '#pet' }), 'must be a pointer such as'],
      ['nowhere', withBody({ $ref: '#/components/schemas/Pet' }), 'leads nowhere: #/components/schemas/Pet'],
      ['for ever', documentOf({ '/a': { $ref: '#/paths/~1a' } }), 'refers on and on'],
      ['an unknown scheme', documentOf({ '/a': { get: { security: [{ x: [] }] } } }), 'is no security scheme'],
      [
        'a parameter nowhere',
        documentOf({ '/a': { get: { parameters: [{ name: 'a', in: 'moon' }] } } }),
        'parameters[0].in: must be one of path, query, header, cookie',
      ],
      ['a schema that is none', withBody({ items: [1] }), 'schema.items: must be a schema'],
      ['NUL', { ...withBody({}), 'x-a': '\0' }, 'a character that cannot be kept'],
      ['an alias in a circle', 'openapi: 3.1.0\npaths: &a\n  /a: *a\n', 'is nested deeper than 64 levels'],
    ])('%s', (_, document, message) => expect(problemsOf(document).join('\n')).toContain(message));

    it('with all problems at once, up to a number', () => {
      const paths = Object.fromEntries(Array.from({ length: 80 }, (_, n) => [`/${n}`, { get: 1 }]));
      expect(problemsOf(documentOf(paths))).toHaveLength(OPENAPI_LIMITS.problems);
    });
  });

  describe('is too large', () => {
    const deep = '['.repeat(70) + ']'.repeat(70);
    const laughs = ['a: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let n = 1; n < 9; n++)
      laughs.push(
        `b${n}: &a${n} [${Array(9)
          .fill(`*a${n - 1}`)
          .join(', ')}]`,
      );
    const paths = Object.fromEntries(
      Array.from({ length: OPENAPI_LIMITS.operations + 1 }, (_, n) => [`/${n}`, { get: {} }]),
    );
    it.each<[string, () => string]>([
      ['in bytes', () => `{"a":"${'ä'.repeat(OPENAPI_LIMITS.documentBytes / 2)}"}`],
      ['in bytes of YAML', () => `a: ${'x'.repeat(OPENAPI_LIMITS.yamlBytes)}`],
      ['in depth', () => `{"a":${deep}}`],
      ['in operations', () => JSON.stringify(documentOf(paths))],
    ])('%s', (_, text) => expect(refusalOf(text()).code).toBe('OPENAPI_DOCUMENT_TOO_LARGE'));

    it('with aliases of aliases', () => expect(() => readOpenApi(laughs.join('\n'))).toThrow(Refused));

    it('for a check, in schemas that many inputs share, or in one that stands by itself', () => {
      const schemas = { Half: { description: 'x'.repeat(OPENAPI_LIMITS.schemaBytesPerOperation / 2 - 100) } };
      const $ref = '#/components/schemas/Half';
      const parameters = ['a', 'b', 'c'].map((name) => ({ name, in: 'query', schema: name === 'a' ? {} : { $ref } }));
      const own = { name: 'd', in: 'query', schema: { title: 'x'.repeat(OPENAPI_LIMITS.schemaBytesPerOperation) } };
      const get = { parameters: [...parameters, { name: 'e', in: 'query', schema: { $ref } }, own] };
      const { unchecked, $defs } = operationIn(documentOf({ '/a': { get } }, { schemas }), 'get_a');
      expect(unchecked.map(({ path }) => path)).toEqual(['parameters.e', 'parameters.d']);
      expect(Object.keys($defs)).toEqual(['Half']);
    });

    it('for a check, in the schemas of one operation: then its input is taken as it comes', () => {
      const schemas = {
        Big: { description: 'x'.repeat(OPENAPI_LIMITS.schemaBytesPerOperation), type: 'object' },
        Small: { properties: { big: { $ref: '#/components/schemas/Big' } } },
      };
      const { body, $defs, unchecked } = operationIn(withBody({ $ref: '#/components/schemas/Small' }, schemas), 'a');
      expect([body?.content[0]?.schema, $defs]).toEqual([true, {}]);
      expect(unchecked).toEqual([
        { path: 'body, as application/json', message: 'the schemas of this operation are too large together' },
      ]);
    });
  });
});
