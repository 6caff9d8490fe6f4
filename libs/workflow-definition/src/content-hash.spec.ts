import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.ts';
import { contentHashOf } from './content-hash.ts';
import { EXAMPLE_DEFINITION } from './example-definition.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('canonical JSON', () => {
  it.each<[unknown, string]>([
    [{ b: 1, a: [true, null, 'x'] }, '{"a":[true,null,"x"],"b":1}'],
    [
      { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 },
      '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}',
    ],
    [[333333333.3333333, 1e30, 4.5, 0.002, 1e-27, -0], '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]'],
    [{ '': { z: {}, y: [] } }, '{"":{"y":[],"z":{}}}'],
    ['\ud83d', '"\\ud83d"'],
  ])('of %j', (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  it('is JSON of the same value, whatever the order of its keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(canonicalJson(reversed(value))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('the content hash of a definition', () => {
  it('is the same for ever', () => {
    expect(contentHashOf(EXAMPLE_DEFINITION, sha256)).toBe(
      'sha256:137fa1a9449605ae7ba9a1d00426edd170dc5e4943930c1f2f95eaf30572b91c',
    );
  });

  it('does not depend on the order of keys, but on that of nodes', () => {
    const { nodes, ...rest } = EXAMPLE_DEFINITION;
    const hash = contentHashOf(EXAMPLE_DEFINITION, sha256);
    expect(contentHashOf({ nodes, ...rest }, sha256)).toBe(hash);
    expect(contentHashOf({ ...rest, nodes: [...nodes].reverse() }, sha256)).not.toBe(hash);
  });
});

/** The value with the keys of each object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, child]) => [key, reversed(child)]),
  );
}
