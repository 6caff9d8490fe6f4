import { tryParseId } from '#libs/kernel';
import { createIdSource } from './ids.ts';

describe('ids', () => {
  let now = Date.UTC(2026, 0, 1);
  const ids = createIdSource({ nowMs: () => now });

  it('have their prefix and the shape that the kernel accepts', () => {
    const id = ids.newId('execution');
    expect(id).toMatch(/^ex_[0-9a-hjkmnp-tv-z]{36}$/);
    expect(tryParseId('execution', id)).toBe(id);
  });

  it('sort by time', () => {
    const made = Array.from({ length: 100 }, (_, step) => {
      now = Date.UTC(2026, 0, 1) + step * 977;
      return ids.newId('workflow');
    });
    expect(made.toSorted()).toEqual(made);
  });

  it('never repeat within one millisecond, and use the whole alphabet', () => {
    const made = Array.from({ length: 5000 }, () => ids.newId('user'));
    expect(new Set(made).size).toBe(5000);
    expect(new Set(made.map((id) => id.slice(-26)).join('')).size).toBe(32);
  });

  it('come with tokens of as many bytes as asked for', () => {
    expect(Buffer.from(ids.newToken(32), 'base64url')).toHaveLength(32);
    expect(ids.newToken(32)).not.toBe(ids.newToken(32));
  });
});
