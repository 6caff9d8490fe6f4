import type { JsonValue } from '#libs/kernel';
import { tryParseJsonPath, valueAt } from './json-path.ts';

const response = JSON.parse(
  '{"meta":{"next":"n"},"data":[{"id":1},{"id":2}],"@odata.nextLink":"o","a b":{"c\\"d":5},"__proto__":{"x":1},"é":6}',
) as JsonValue;

describe('a path into a response', () => {
  it.each<[string, JsonValue | undefined]>([
    ['$', response],
    ['meta.next', 'n'],
    ['$.meta.next', 'n'],
    ['data[1].id', 2],
    ['$.data[0]["id"]', 1],
    ['["@odata.nextLink"]', 'o'],
    ['$["a b"]["c\\"d"]', 5],
    ['é', 6],
    ['__proto__.x', 1],
    ['nothing', undefined],
    ['meta.next.more', undefined],
    ['data.length', undefined],
    ['data[2]', undefined],
    ['meta[0]', undefined],
    ['constructor', undefined],
    ['data.map', undefined],
  ])('%s', (path, value) => {
    expect(valueAt(response, path)).toEqual(value);
  });

  it.each([
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    'a b',
    'a[',
    'a[-1]',
    'a[x]',
    "['a']",
    '$a',
    'a[*]',
    '$..a',
    '{{ a }}',
    '["\\x"]',
  ])('is not %j', (text) => {
    expect(tryParseJsonPath(text)).toBeUndefined();
  });
});
