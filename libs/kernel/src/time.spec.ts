import fc from 'fast-check';
import { epochMsOf, toInstant } from './time.ts';

describe('an instant', () => {
  it('is ISO 8601 in UTC with milliseconds', () => {
    expect(toInstant(0)).toBe('1970-01-01T00:00:00.000Z');
    expect(toInstant(1_795_428_000_123)).toBe('2026-11-23T10:00:00.123Z');
  });

  it('goes to milliseconds and back, also before 1970', () => {
    const longest = Date.UTC(9999, 11, 31);
    fc.assert(
      fc.property(fc.integer({ min: -longest, max: longest }), (ms) => {
        expect(epochMsOf(toInstant(ms))).toBe(ms);
      }),
    );
  });
});
