import { cursorOf, placeOf } from './page.ts';

const cursorFrom = (...parts: unknown[]): string => Buffer.from(JSON.stringify(parts)).toString('base64url');

describe('a cursor', () => {
  it('stands for the place that it was made of', () => {
    const place = { createdAt: '2026-11-23T10:00:00.123Z', id: 'exe_1' };
    expect(placeOf(cursorOf(place))).toEqual(place);
  });

  it('that somebody wrote has the instant as we write it', () => {
    expect(placeOf(cursorFrom(`2026-11-23T10:00:00.${'1'.repeat(40)}Z`, 'exe_1')).createdAt).toBe(
      '2026-11-23T10:00:00.111Z',
    );
  });

  it.each([
    cursorFrom(`2026-11-23T10:00:00.${'0'.repeat(300)}Z`, 'exe_1'),
    cursorFrom('2026-11-23T10:00:00+16:00', 'exe_1'),
    cursorFrom('0999-11-23T10:00:00Z', 'exe_1'),
    cursorFrom('2026-11-23T10:00:00Z', 'exe_1\u0000'),
    cursorFrom('2026-11-23T10:00:00Z'),
    'x',
  ])('is refused where it is not one of ours: %s', (cursor) => {
    expect(() => placeOf(cursor)).toThrow('take the cursor from nextCursor of the page before, as it is');
  });
});
