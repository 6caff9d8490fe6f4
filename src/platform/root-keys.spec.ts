import { randomBytes } from 'node:crypto';
import { createRootKeys } from './root-keys.ts';

const secret = randomBytes(32);
const keyOf = (bytes: Uint8Array) => createRootKeys([bytes]).current;

describe('a root key', () => {
  it('derives the same key for one purpose, and another for another purpose or root', () => {
    const key = keyOf(secret).derive('access-tokens');
    expect(key.symmetricKeySize).toBe(32);
    expect(key.equals(keyOf(secret).derive('access-tokens'))).toBe(true);
    expect(key.equals(keyOf(secret).derive('credentials'))).toBe(false);
    expect(key.equals(keyOf(randomBytes(32)).derive('access-tokens'))).toBe(false);
    expect(key.export()).not.toEqual(secret);
  });

  it('has an id that is the same after a restart, and tells it from others', () => {
    const { id } = keyOf(secret);
    expect(id).toMatch(/^[\w-]{11}$/);
    expect(keyOf(secret).id).toBe(id);
    expect(keyOf(randomBytes(32)).id).not.toBe(id);
  });

  it('has an id and derives keys that never change from version to version', () => {
    const zeros = keyOf(new Uint8Array(32));
    const derived = zeros.derive('access-tokens').export().toString('hex');
    expect([zeros.id, derived.slice(0, 16)]).toEqual(['uUp1yZ1zGkw', 'e3b90b6078b2d2a5']);
  });
});

describe('several root keys', () => {
  it('are all known, the current one first', () => {
    const older = randomBytes(32);
    const { current, all } = createRootKeys([secret, older]);
    expect(all.map(({ id }) => id)).toEqual([keyOf(secret).id, keyOf(older).id]);
    expect(current).toBe(all[0]);
  });
});
