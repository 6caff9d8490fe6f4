import { retryAfterMs } from './retry-after.ts';

const now = Date.parse('2026-11-23T10:00:00Z');

describe('retryAfterMs', () => {
  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5_000],
    ['Mon, 23 Nov 2026 10:00:30 GMT', 30_000],
    ['Mon, 23 Nov 2026 09:00:00 GMT', 0],
    ['999999999', 86_400_000],
    ['Fri, 23 Nov 2096 10:00:00 GMT', 86_400_000],
  ])('reads %j', (header, waitMs) => {
    expect(retryAfterMs(header, now)).toBe(waitMs);
  });

  it.each([undefined, '', 'soon', '-1 minute'])('makes nothing of %j', (header) => {
    expect(retryAfterMs(header, now)).toBeUndefined();
  });
});
