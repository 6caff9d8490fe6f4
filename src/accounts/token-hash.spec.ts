import { hashToken } from './token-hash.ts';

describe('a token', () => {
  it('is stored as its SHA-256', () => {
    expect(hashToken('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
  });
});
