import fc from 'fast-check';
import { FixedWindows } from './fixed-windows.ts';

describe('windows of a fixed length', () => {
  let now = 0;
  const windows = (requests: number, windowSeconds: number) => new FixedWindows({ requests, windowSeconds }, () => now);

  beforeEach(() => {
    now = 1000;
  });

  it('allow so many requests of one caller and no more, until the window ends', () => {
    const limit = windows(3, 10);
    expect([1, 2, 3, 4, 5].map(() => limit.take('a'))).toEqual([
      { allowed: true, remaining: 2, resetMs: 10_000 },
      { allowed: true, remaining: 1, resetMs: 10_000 },
      { allowed: true, remaining: 0, resetMs: 10_000 },
      { allowed: false, remaining: 0, resetMs: 10_000 },
      { allowed: false, remaining: 0, resetMs: 10_000 },
    ]);
    now += 9_999;
    expect(limit.take('a')).toEqual({ allowed: false, remaining: 0, resetMs: 1 });
    now += 1;
    expect(limit.take('a')).toEqual({ allowed: true, remaining: 2, resetMs: 10_000 });
  });

  it('begin with the first request of each caller', () => {
    const limit = windows(1, 10);
    limit.take('a');
    now += 5_000;
    expect(limit.take('b')).toMatchObject({ allowed: true, resetMs: 10_000 });
    expect(limit.take('a')).toMatchObject({ allowed: false, resetMs: 5_000 });
  });

  it('tell without counting whether one is used up', () => {
    const limit = windows(2, 10);
    expect(limit.isUsedUp('a')).toBe(false);
    limit.take('a');
    expect([limit.isUsedUp('a'), limit.isUsedUp('a')]).toEqual([false, false]);
    expect(limit.take('a').allowed).toBe(true);
    expect([limit.isUsedUp('a'), limit.isUsedUp('b')]).toEqual([true, false]);
    now += 9_999;
    expect(limit.isUsedUp('a')).toBe(true);
    now += 1;
    expect(limit.isUsedUp('a')).toBe(false);
  });

  it('forget the callers that called longest ago, and keep the others', () => {
    const limit = windows(1, 3600);
    limit.take('first');
    for (let caller = 0; caller < 19_999; caller++) limit.take(`c${caller}`);
    expect(limit.take('c0').allowed).toBe(false);
    expect(limit.take('first').allowed).toBe(false);
    limit.take('one more');
    expect(limit.take('c1').allowed).toBe(true);
  });

  it('never allow more within one window, whenever requests come', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.integer({ min: 0, max: 3000 })), (requests, gaps) => {
        const limit = windows(requests, 2);
        let [start, used] = [-Infinity, 0];
        for (const gap of gaps) {
          now += gap;
          if (now - start >= 2000) [start, used] = [now, 0];
          const allowance = limit.take('a');
          expect(allowance.allowed).toBe(used < requests);
          if (allowance.allowed) used++;
          expect(allowance).toMatchObject({ remaining: requests - used, resetMs: start + 2000 - now });
        }
      }),
    );
  });
});
