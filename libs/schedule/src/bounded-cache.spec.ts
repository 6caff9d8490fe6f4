import { BoundedCache } from './bounded-cache.ts';

describe('a bounded cache', () => {
  it('makes each value once, and forgets who was asked for longest ago', () => {
    const made: string[] = [];
    const cache = new BoundedCache(2, (key) => {
      made.push(key);
      return key.toUpperCase();
    });
    expect(['a', 'b', 'a', 'c', 'a', 'b'].map((key) => cache.get(key))).toEqual(['A', 'B', 'A', 'C', 'A', 'B']);
    expect(made).toEqual(['a', 'b', 'c', 'b']);
  });

  it('does not keep what could not be made', () => {
    const cache = new BoundedCache<string>(2, (key) => {
      throw new Error(`no ${key}`);
    });
    expect(() => cache.get('a')).toThrow('no a');
    expect(() => cache.get('a')).toThrow('no a');
  });
});
