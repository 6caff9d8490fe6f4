import fc from 'fast-check';
import { jitterMsOf } from './index.ts';

const SLOT = Date.UTC(2026, 10, 28);

describe('the jitter of a slot', () => {
  it('is always the same', () => {
    expect(jitterMsOf('sc_1', SLOT, 60_000)).toBe(jitterMsOf('sc_1', SLOT, 60_000));
    expect([1, 2, 3].map((nth) => jitterMsOf(`sc_${nth}`, SLOT, 60_000))).toEqual([24_928, 24_151, 40_743]);
  });

  it('is from 0 to below its bound', () => {
    const bound = fc.integer({ min: 1, max: 86_400_000 });
    const property = fc.property(fc.string(), fc.integer(), bound, (seed, slotMs, jitterMs) => {
      const jitter = jitterMsOf(seed, slotMs, jitterMs);
      expect(Number.isInteger(jitter) && jitter >= 0 && jitter < jitterMs).toBe(true);
    });
    fc.assert(property, { seed: 20_261_128 });
    expect(jitterMsOf('sc_1', SLOT, 0)).toBe(0);
  });

  it.each([
    ['schedules at one slot', (nth: number) => jitterMsOf(`sc_${nth}`, SLOT, 100)],
    ['slots of one schedule', (nth: number) => jitterMsOf('sc_1', SLOT + nth * 60_000, 100)],
  ])('is spread evenly over %s', (_name, jitterOf) => {
    const counts = new Array<number>(100).fill(0);
    for (let nth = 0; nth < 100_000; nth++) counts[jitterOf(nth)]!++;
    // A thousand each; the square root of that is 32.
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1_150);
  });
});
