import { decodeSoftBounces, encodeSoftBounces, withSoftBounce, type SoftBounce } from './soft-bounces.ts';

const DAY_MS = 86_400_000;
/** Mails by name, each with the day on which it came back. */
const after = (...told: readonly (readonly [mailKey: string, day: number])[]): readonly SoftBounce[] =>
  told.reduce<readonly SoftBounce[]>(
    (before, [mailKey, day]) => withSoftBounce(before, { mailKey, atMs: day * DAY_MS }),
    [],
  );
const names = (bounces: readonly SoftBounce[]): string => bounces.map(({ mailKey }) => mailKey).join('');

describe('soft bounces of late', () => {
  it('are those within 7 days up to the last one', () => {
    expect(names(after(['a', 0], ['b', 3], ['c', 6]))).toBe('abc');
    expect(names(after(['a', 0], ['b', 6], ['c', 12]))).toBe('bc');
    expect(names(after(['a', 0], ['b', 7]))).toBe('b');
  });

  it('count a mail once, from the first time', () => {
    expect(names(after(['a', 0], ['a', 0], ['b', 1], ['a', 2]))).toBe('ab');
    expect(after(['a', 0], ['a', 6])).toEqual([{ mailKey: 'a', atMs: 0 }]);
    expect(names(after(['a', 0], ['a', 6], ['b', 8], ['c', 9]))).toBe('bc');
  });

  it('are kept as far as they have a consequence, the latest of them', () => {
    expect(names(after(['a', 0], ['b', 1], ['c', 2], ['d', 3]))).toBe('bcd');
    // As when the clock of another process is behind.
    expect(names(after(['b', 1], ['a', 0], ['c', 2]))).toBe('abc');
  });

  it('are read as they were written, and what is no such thing is forgotten', () => {
    const last = after(['a', 0], ['b', 1]);
    const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
    expect(decodeSoftBounces(bytesOf(encodeSoftBounces(last)))).toEqual(last);
    expect(decodeSoftBounces(bytesOf('{"count":2}'))).toEqual([]);
    expect(decodeSoftBounces(new Uint8Array())).toEqual([]);
    expect(decodeSoftBounces(undefined)).toEqual([]);
  });
});
