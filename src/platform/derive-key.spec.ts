import { randomBytes } from 'node:crypto';
import { deriveKey } from './derive-key.ts';

describe('a derived key', () => {
  const root = randomBytes(32);
  it('is the same for one purpose, and another for another purpose or root', () => {
    const key = deriveKey(root, 'access-tokens');
    expect(key.symmetricKeySize).toBe(32);
    expect(key.equals(deriveKey(root, 'access-tokens'))).toBe(true);
    expect(key.equals(deriveKey(root, 'credentials'))).toBe(false);
    expect(key.equals(deriveKey(randomBytes(32), 'access-tokens'))).toBe(false);
    expect(key.export()).not.toEqual(root);
  });
});
