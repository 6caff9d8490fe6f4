import { createHash, randomBytes } from 'node:crypto';
import { createRootKeys } from '../root-keys.ts';
import { Fingerprints } from './fingerprints.ts';

describe('the fingerprint of a request', () => {
  const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
  const register = ['POST', '/v1/auth/register', { email: 'ada@example.com', password: 'correct horse battery' }];
  const old = new Fingerprints(createRootKeys([oldKey]));

  it('is the same each time, and another of another request', () => {
    expect(old.of(register)).toEqual(old.of([...register]));
    expect(old.of([...register, 'more']).current).not.toBe(old.of(register).current);
    expect([...old.of(register).byRootKey.values()]).toEqual([old.of(register).current]);
  });

  it('cannot be computed without the root key', () => {
    const { current } = old.of(register);
    expect(current).not.toBe(createHash('sha256').update(JSON.stringify(register)).digest('base64url'));
    expect(new Fingerprints(createRootKeys([newKey])).of(register).current).not.toBe(current);
  });

  it('is known after the root key was rotated, and made with the new one', () => {
    const rotated = new Fingerprints(createRootKeys([newKey, oldKey])).of(register);
    expect(rotated.current).toBe(new Fingerprints(createRootKeys([newKey])).of(register).current);
    expect([...rotated.byRootKey.values()]).toEqual([rotated.current, old.of(register).current]);
  });
});
