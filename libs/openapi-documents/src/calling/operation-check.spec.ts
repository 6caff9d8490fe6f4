import type { JsonObject } from '#libs/kernel';
import { operationIn } from '../testing/operations-in.ts';
import { PET_STORE } from '../testing/pet-store.ts';
import { inputSchemaOf } from './input-schema.ts';
import type { OperationInput } from './inputs.ts';
import { OperationCheck } from './operation-check.ts';

const told = (problems: readonly { readonly path: string; readonly message: string }[]) =>
  problems.map(({ path, message }) => `${path}: ${message}`);
const problemsOf = (operationId: string, input: OperationInput) =>
  told(OperationCheck.of(operationIn(PET_STORE, operationId)).problemsOf(input));
const writtenProblems = (operationId: string, input: JsonObject) =>
  told(OperationCheck.of(operationIn(PET_STORE, operationId)).problemsOfWritten(input));

describe('the input of an operation', () => {
  it.each<[string, OperationInput]>([
    ['listPets', {}],
    ['listPets', { parameters: { limit: 5, tags: ['a'], filter: { kind: 'cat' }, seen: null } }],
    ['createPet', { body: { name: 'Mia', born: null, parents: [{ name: 'Tom' }] } }],
    ['createPet', { body: { name: 'Mia' }, contentType: 'application/x-www-form-urlencoded' }],
    ['putPhoto', { parameters: { petId: 'a' }, body: { photo: { contentBase64: '' } } }],
    ['putPhoto', { parameters: { petId: 'a' }, body: { contentBase64: '' }, contentType: 'image/png' }],
  ])('of %s may be %j', (operationId, input) => expect(problemsOf(operationId, input)).toEqual([]));

  it.each<[string, OperationInput, string[]]>([
    [
      'listPets',
      { parameters: { limit: 0, limt: 1 } },
      ['parameters.limt: is no parameter of listPets; did you mean "limit"?', 'parameters.limit: must be >= 1'],
    ],
    [
      'listPets',
      { parameters: { tags: [1, 'a', null] } },
      ['parameters.tags[0]: must be string', 'parameters.tags[2]: must be string'],
    ],
    ['listPets', { parameters: { filter: { kind: 'cow' } } }, ['parameters.filter.kind: must be one of "cat", "dog"']],
    ['get_pets_petId', { parameters: { petId: null } }, ['parameters.petId: is required']],
    ['get_pets_petId', { parameters: { petId: 1 }, body: 1 }, ['body: is not taken: get_pets_petId has no body']],
    ['createPet', {}, ['body: is required']],
    [
      'createPet',
      { body: { name: '', nam: 1, parents: [{ name: 'x' }, { born: '1-1-1' }] } },
      [
        'body.name: must not have fewer than 1 characters',
        'body.nam: is not allowed',
        'body.parents[1].name: is required',
        'body.parents[1].born: must match format "date"',
      ],
    ],
    [
      'createPet',
      { body: {}, contentType: 'text/csv' },
      ['contentType: must be one of application/x-www-form-urlencoded, application/json'],
    ],
    [
      'putPhoto',
      { parameters: { petId: 1 }, body: 'x' },
      ['body: must be an object, as it is sent as multipart/form-data'],
    ],
    [
      'putPhoto',
      { parameters: { petId: 1 }, body: 'x', contentType: 'image/png' },
      ['body: must be a file, such as {"contentBase64": …}, as it is sent as image/*'],
    ],
  ])('of %s may not be %j', (operationId, input, problems) => {
    expect(problemsOf(operationId, input).toSorted()).toEqual(problems.toSorted());
  });

  it('may hold anything where its expressions are not evaluated yet, and what is written is checked', () => {
    expect(writtenProblems('listPets', { parameters: '{{ trigger.body }}' })).toEqual([]);
    expect(
      writtenProblems('listPets', { parameters: { limit: '{{ vars.n }}', filter: { kind: '{{ vars.kind }}' } } }),
    ).toEqual([]);
    expect(writtenProblems('createPet', { body: { name: '{{ trigger.body.name }}', nam: 1 } })).toEqual([]);
    expect(writtenProblems('createPet', { body: {}, contentType: '{{ vars.type }}' })).toEqual([]);
    expect(writtenProblems('listPets', { parameters: { limit: '5', '{{ a }}': 1 } })).toEqual([
      'parameters["{{ a }}"]: is no parameter of listPets',
      'parameters.limit: must be integer',
    ]);
    expect(writtenProblems('createPet', { body: { nam: 1 } })).toHaveLength(2);
    expect(writtenProblems('createPet', {})).toEqual(['body: is required']);
  });

  it('is taken as it comes where its schema could not be checked safely, and that is told', () => {
    const schema = { type: 'string', pattern: '^(?!a)' };
    const parameters = [
      { name: 'a', in: 'query', schema },
      { name: 'b', in: 'query', schema: { type: 'integer' } },
    ];
    const check = OperationCheck.of(
      operationIn({ openapi: '3.1.0', paths: { '/a': { get: { parameters } } } }, 'get_a'),
    );
    expect(told(check.problemsOf({ parameters: { a: 1, b: '1' } }))).toEqual(['parameters.b: must be integer']);
    expect(told(check.unchecked())).toEqual([
      'parameters.a: its schema can not be checked: schema.pattern must be an RE2 pattern: without lookahead, lookbehind and \\1',
    ]);
  });

  it('is checked however much a schema explains, and whatever its properties are called', () => {
    const long = 'x'.repeat(100_000);
    const schema = {
      description: long,
      properties: {
        description: { type: 'string', description: long },
        title: { enum: [{ title: 'a' }] },
        default: { const: { default: 1 } },
      },
      required: ['description'],
    };
    const requestBody = { content: { 'application/json': { schema } } };
    const check = OperationCheck.of(
      operationIn({ openapi: '3.1.0', paths: { '/a': { post: { requestBody } } } }, 'post_a'),
    );
    expect(check.unchecked()).toEqual([]);
    expect(check.problemsOf({ body: { description: 'a', title: { title: 'a' }, default: { default: 1 } } })).toEqual(
      [],
    );
    expect(told(check.problemsOf({ body: { description: 1, title: {}, default: {} } })).toSorted()).toEqual([
      'body.default: must be {"default":1}',
      'body.description: must be string',
      'body.title: must be one of {"title":"a"}',
    ]);
  });

  it('has a name that means something elsewhere, or none of those', () => {
    const parameters = [{ name: 'constructor', in: 'query', required: true }];
    const operation = operationIn({ openapi: '3.1.0', paths: { '/a': { get: { parameters } } } }, 'get_a');
    const check = OperationCheck.of(operation);
    expect(told(check.problemsOf({}))).toEqual(['parameters.constructor: is required']);
    expect(told(check.problemsOf({ parameters: JSON.parse('{"constructor":1,"__proto__":2}') as JsonObject }))).toEqual(
      ['parameters.__proto__: is no parameter of get_a'],
    );
  });

  it('has a schema that stands alone', () => {
    const schema = inputSchemaOf(operationIn(PET_STORE, 'createPet'));
    expect(schema).toEqual({
      type: 'object',
      properties: {
        parameters: { type: 'object', properties: { 'X-Trace': { type: 'string' } }, additionalProperties: false },
        body: { anyOf: [{ $ref: '#/$defs/Pet' }, { $ref: '#/$defs/Pet' }] },
        contentType: { enum: ['application/x-www-form-urlencoded', 'application/json'] },
      },
      required: ['body'],
      additionalProperties: false,
      $defs: { Pet: expect.objectContaining({ type: 'object' }) as object },
    });
    expect(inputSchemaOf(operationIn(PET_STORE, 'deletePet'))).toMatchObject({ required: ['parameters'] });
  });
});
