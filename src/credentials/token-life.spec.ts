import { toInstant } from '#libs/kernel';
import { isGoodToken } from './token-life.ts';

describe('an access token', () => {
  const NOW = Date.parse('2026-11-29T12:00:00.000Z');
  const of = (lifeSeconds: number | undefined, ageSeconds: number) => {
    const obtainedMs = NOW - ageSeconds * 1_000;
    const ends = lifeSeconds === undefined ? {} : { expiresAt: toInstant(obtainedMs + lifeSeconds * 1_000) };
    return { accessToken: 'a', tokenType: 'bearer', obtainedAt: toInstant(obtainedMs), ...ends };
  };

  it.each<[number | undefined, number, boolean]>([
    [3_600, 0, true],
    [3_600, 3_479, true],
    [3_600, 3_480, false],
    [3_600, 3_600, false],
    [60, 0, true],
    [60, 39, true],
    [60, 40, false],
    [undefined, 1_000_000, true],
  ])('of %s s is good after %i s: %s', (life, age, good) => {
    expect(isGoodToken(of(life, age), NOW)).toBe(good);
  });

  it('is renewed two minutes ahead when nobody knows how long it lives', () => {
    const { obtainedAt: _, ...tokens } = of(60, 0);
    expect(isGoodToken(tokens, NOW)).toBe(false);
  });
});
