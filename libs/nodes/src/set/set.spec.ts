import type { JsonObject } from '#libs/kernel';
import { computeNode, refusedBy } from '../testing/run-nodes.ts';
import { setNode } from './set.ts';

describe('set', () => {
  it('gives the values', () => {
    const values = { a: 1, b: { c: [null] } };
    expect(computeNode(setNode, { values }, [{ x: 1 }])).toEqual({ output: values, leavesBy: ['main'] });
  });

  it('keeps what came in, when told to, under the values', () => {
    expect(computeNode(setNode, { values: { b: 2, c: 3 }, keep: true }, [{ a: 1, b: 1 }]).output).toEqual({
      a: 1,
      b: 2,
      c: 3,
    });
  });

  it('leaves what came in as it was', () => {
    const incoming = { a: 1 };
    computeNode(setNode, { values: { a: 2 }, keep: true }, [incoming]);
    expect(incoming).toEqual({ a: 1 });
  });

  it.each([null, 'text', 5, ['list']])('cannot keep %j', (incoming) => {
    expect(() => computeNode(setNode, { values: {}, keep: true }, [incoming])).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', options: { retryable: false } }) as Error,
    );
  });

  it('takes keys of an object’s prototype as plain keys', () => {
    const values = JSON.parse('{"__proto__":{"polluted":1},"constructor":2}') as JsonObject;
    const { output } = computeNode(setNode, { values, keep: true }, [{ a: 1 }]);
    expect(JSON.stringify(output)).toBe('{"a":1,"__proto__":{"polluted":1},"constructor":2}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('needs values, which are an object', () => {
    expect(refusedBy(setNode, {})).toEqual(['values']);
    expect(refusedBy(setNode, { values: [1] })).toEqual(['values']);
    expect(refusedBy(setNode, { values: {}, keep: 'yes' })).toEqual(['keep']);
  });
});
