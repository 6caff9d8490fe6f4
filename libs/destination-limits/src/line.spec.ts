import fc from 'fast-check';
import { LONGEST_LINE_MS, takePlace, type Line } from './line.ts';

describe('the line', () => {
  it('gives the first place at its beginning, and each next one a space behind', () => {
    let line: Line | undefined;
    const places = [0, 0, 0, 5_000, 5_000].map((fromMs) => {
      const taken = takePlace(line, { fromMs, spacingMs: 100 });
      line = taken.line;
      return taken.atMs;
    });
    expect(places).toEqual([0, 100, 200, 5_000, 5_100]);
  });

  it('is never longer than a minute, whatever the clock does', () => {
    const wish = fc.record({ fromMs: fc.nat({ max: 1e7 }), spacingMs: fc.integer({ min: 1, max: 30_000 }) });
    fc.assert(
      fc.property(fc.array(wish), (wishes) => {
        let line: Line | undefined;
        for (const each of wishes) {
          const { atMs, line: after } = takePlace(line, each);
          expect(atMs).toBeGreaterThanOrEqual(each.fromMs);
          expect(atMs).toBeLessThanOrEqual(each.fromMs + LONGEST_LINE_MS);
          line = after;
        }
      }),
    );
  });

  it('gives no two places at once before it is folded', () => {
    let line: Line | undefined;
    const places = new Set<number>();
    for (let index = 0; index < 600; index++) {
      const taken = takePlace(line, { fromMs: 0, spacingMs: 100 });
      line = taken.line;
      places.add(taken.atMs);
    }
    expect(places.size).toBe(600);
  });
});
