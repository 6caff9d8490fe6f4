import type { JsonValue } from '#libs/kernel';
import { operationIn } from '../testing/operations-in.ts';
import { PET_STORE } from '../testing/pet-store.ts';
import type { OperationInput } from './inputs.ts';
import { writeCall, type WrittenCall } from './write-call.ts';

const LIST = ['blue', 'black & white'];
const FIELDS = { R: 100, 'a/b': true };

function operationWith(path: string, parameter: object) {
  return operationIn(
    { openapi: '3.1.0', paths: { [path]: { get: { operationId: 'a', parameters: [parameter] } } } },
    'a',
  );
}
function callOf(operation: Parameters<typeof writeCall>[0], input: OperationInput): WrittenCall {
  const result = writeCall(operation, input);
  if (result.kind === 'written') return result.call;
  throw new Error(result.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
}
function refusalOf(operation: Parameters<typeof writeCall>[0], input: OperationInput): string[] {
  const result = writeCall(operation, input);
  return result.kind === 'refused' ? result.problems.map(({ path, message }) => `${path}: ${message}`) : [];
}

describe('parameters are written', () => {
  // As the table of styles in the specification has them.
  it.each<[string, boolean, JsonValue, string]>([
    ['simple', false, 'a b', 'a%20b'],
    ['simple', false, LIST, 'blue,black%20%26%20white'],
    ['simple', false, FIELDS, 'R,100,a%2Fb,true'],
    ['simple', true, FIELDS, 'R=100,a%2Fb=true'],
    ['label', false, 'blue', '.blue'],
    ['label', false, LIST, '.blue,black%20%26%20white'],
    ['label', true, LIST, '.blue.black%20%26%20white'],
    ['label', false, FIELDS, '.R,100,a%2Fb,true'],
    ['label', true, FIELDS, '.R=100.a%2Fb=true'],
    ['matrix', false, 'blue', ';p=blue'],
    ['matrix', false, LIST, ';p=blue,black%20%26%20white'],
    ['matrix', true, LIST, ';p=blue;p=black%20%26%20white'],
    ['matrix', false, FIELDS, ';p=R,100,a%2Fb,true'],
    ['matrix', true, FIELDS, ';R=100;a%2Fb=true'],
  ])('into a path: %s, explode %s, %j', (style, explode, value, text) => {
    const operation = operationWith('/x{p}', { name: 'p', in: 'path', style, explode });
    expect(callOf(operation, { parameters: { p: value } }).target).toBe(`/x${text}`);
  });

  it.each<[string, boolean | undefined, JsonValue, string]>([
    ['form', undefined, 'a+b', '?p=a%2Bb'],
    ['form', undefined, LIST, '?p=blue&p=black%20%26%20white'],
    ['form', false, LIST, '?p=blue,black%20%26%20white'],
    ['form', true, FIELDS, '?R=100&a%2Fb=true'],
    ['form', false, FIELDS, '?p=R,100,a%2Fb,true'],
    ['spaceDelimited', false, LIST, '?p=blue%20black%20%26%20white'],
    ['pipeDelimited', false, LIST, '?p=blue%7Cblack%20%26%20white'],
    ['deepObject', true, { ...FIELDS, in: { list: [1, { b: null }] } }, '?p[R]=100&p[a%2Fb]=true&p[in][list][0]=1'],
    ['form', undefined, [null, 1], '?p=1'],
    ['form', undefined, [], ''],
    ['form', undefined, null, ''],
  ])('into a query: %s, explode %s, %j', (style, explode, value, text) => {
    const parameter = { name: 'p', in: 'query', style, ...(explode === undefined ? {} : { explode }) };
    expect(callOf(operationWith('/x', parameter), { parameters: { p: value } }).target).toBe(`/x${text}`);
  });

  it('as they are where the document allows it, but for what would end a pair', () => {
    const operation = operationWith('/x', { name: 'p', in: 'query', allowReserved: true });
    expect(callOf(operation, { parameters: { p: 'a/b?c=d&e#f[g]+h:@' } }).target).toBe(
      '/x?p=a/b?c%3Dd%26e%23f%5Bg%5D%2Bh:@',
    );
  });

  it('as JSON, into headers and into cookies', () => {
    const { target, headers, cookies } = callOf(operationIn(PET_STORE, 'listPets'), {
      parameters: { where: { a: [1] }, 'X-Trace': 'a b', seen: 'x;y' },
    });
    expect([target, headers, cookies]).toEqual([
      '/pets?where=%7B%22a%22%3A%5B1%5D%7D',
      { 'x-trace': 'a b' },
      ['seen=x%3By'],
    ]);
  });

  it.each<[string, object, JsonValue, string]>([
    ['/x/{p}', { in: 'path' }, '..', 'parameters: make a part of the path ".."'],
    ['/x/{p}', { in: 'path' }, '.', 'parameters: make a part of the path "."'],
    ['/x/.{p}', { in: 'path' }, '.', 'parameters: make a part of the path ".."'],
    ['/x/{p}', { in: 'path', style: 'label' }, '.', 'parameters: make a part of the path ".."'],
    ['/x/{p}', { in: 'path' }, '', 'parameters.p: must not be empty: it is a part of the path'],
    [
      '/x/{p}',
      { in: 'path' },
      [[1]],
      'parameters.p: holds what simple has no words for in a path: "p" may have one level',
    ],
    [
      '/x',
      { in: 'query' },
      { a: {} },
      'parameters.p: holds what form has no words for in a query: "p" may have one level',
    ],
    [
      '/x',
      { in: 'query', style: 'deepObject' },
      1,
      'parameters.p: holds what deepObject has no words for in a query: "p" may have one level',
    ],
  ])('but not where that would be another call: %s %j %j', (path, parameter, value, problem) => {
    const operation = operationWith(path, { name: 'p', ...parameter });
    expect(refusalOf(operation, { parameters: { p: value } })).toEqual([problem]);
  });

  it('as a part of the path and never more', () => {
    const operation = operationWith('/x/{p}/y', { name: 'p', in: 'path' });
    expect(callOf(operation, { parameters: { p: '../a?b#c%2e' } }).target).toBe('/x/..%2Fa%3Fb%23c%252e/y');
  });
});

describe('bodies are written', () => {
  const create = operationIn(PET_STORE, 'createPet');
  const put = operationIn(PET_STORE, 'putPhoto');

  it('as JSON where that is taken', () => {
    expect(callOf(create, { body: { name: 'Ö' } }).body).toEqual({
      contentType: 'application/json',
      text: '{"name":"Ö"}',
    });
  });

  it('as a form', () => {
    const body = { name: 'A & b', born: null, tags: ['x', 'y'], more: { a: 1 } };
    const contentType = 'application/x-www-form-urlencoded';
    expect(callOf(create, { body, contentType }).body).toEqual({
      contentType,
      text: 'name=A%20%26%20b&tags=x&tags=y&more=%7B%22a%22%3A1%7D',
    });
  });

  it('as a form, its fields as the document says', () => {
    const encoding = { a: { style: 'deepObject' }, b: { explode: false }, c: { contentType: 'application/json' } };
    const content = { 'application/x-www-form-urlencoded': { schema: {}, encoding } };
    const operation = operationIn(
      { openapi: '3.1.0', paths: { '/a': { post: { requestBody: { content } } } } },
      'post_a',
    );
    expect(callOf(operation, { body: { a: { x: 1 }, b: [1, 2], c: [3] } }).body).toMatchObject({
      text: 'a[x]=1&b=1,2&c=%5B3%5D',
    });
  });

  it('as a form of several parts, with files', () => {
    const photo = { name: 'a.png', mediaType: 'image/png', contentBase64: 'AAAA' };
    const body = { title: 'One', photo, more: [1, { a: 2 }], none: null };
    expect(callOf(put, { parameters: { petId: 1 }, body }).body).toEqual({
      contentType: 'multipart/form-data',
      parts: [
        { name: 'title', value: 'One' },
        { name: 'photo', filename: 'a.png', mediaType: 'image/png', contentBase64: 'AAAA' },
        { name: 'more', value: '1' },
        { name: 'more', value: '{"a":2}' },
      ],
    });
  });

  it('as bytes', () => {
    const input = { parameters: { petId: 1 }, body: { contentBase64: 'AAAA' }, contentType: 'image/png' };
    expect(callOf(put, input).body).toEqual({ contentType: 'image/png', contentBase64: 'AAAA' });
  });
});
