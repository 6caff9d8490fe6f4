import { isDeeperThan, isJsonObject, MAX_JSON_DEPTH } from './json.ts';

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

describe('isDeeperThan', () => {
  it('accepts a value at the limit and refuses one level more', () => {
    expect(isDeeperThan(nested(MAX_JSON_DEPTH), MAX_JSON_DEPTH)).toBe(false);
    expect(isDeeperThan(nested(MAX_JSON_DEPTH + 1), MAX_JSON_DEPTH)).toBe(true);
  });
  it('takes hostile nesting without overflowing', () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 100_000; depth++) value = { value };
    expect(isDeeperThan(value, MAX_JSON_DEPTH)).toBe(true);
  });
  it('sees scalars as flat', () => {
    expect(isDeeperThan('x', 0)).toBe(false);
  });
});

describe('isJsonObject', () => {
  it('knows objects from all other values', () => {
    expect([{}, { a: 1 }, Object.create(null)].map(isJsonObject)).toEqual([true, true, true]);
    expect([[], null, 'text', 1, true, undefined].some(isJsonObject)).toBe(false);
  });
});
