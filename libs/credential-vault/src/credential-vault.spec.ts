import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { CredentialVault, type SealedCredential, type WrappingKey } from './credential-vault.ts';

const newKey = (id: string): WrappingKey => ({ id, key: createSecretKey(randomBytes(32)) });
const vaultOf = (current: WrappingKey, ...older: WrappingKey[]) =>
  new CredentialVault({ current, all: [current, ...older] });

const place = { workspaceId: 'ws_1', credentialId: 'cr_1' };
const data = JSON.stringify({ token: 'canary-9f2c' });
const key = newKey('a');
const vault = vaultOf(key);
const unreadable = expect.objectContaining({ code: 'CREDENTIAL_UNREADABLE', kind: 'conflict' }) as Error;

describe('what was sealed', () => {
  it('opens to what it was, whatever it was and wherever it belongs', () => {
    const places = fc.record({ workspaceId: fc.string(), credentialId: fc.string() });
    fc.assert(
      fc.property(places, fc.string({ unit: 'grapheme' }), (where, text) => {
        expect(vault.open(where, vault.seal(where, text))).toBe(text);
      }),
    );
  });

  it('shows nothing of itself, and never looks the same twice', () => {
    const [one, other] = [vault.seal(place, data), vault.seal(place, data)];
    expect(Buffer.from(one.sealedData).includes('canary')).toBe(false);
    expect(one.sealedData).toHaveLength(Buffer.byteLength(data) + 29);
    expect(one.wrappedKey).toHaveLength(61);
    expect(other.sealedData).not.toEqual(one.sealedData);
    expect(other.wrappedKey).not.toEqual(one.wrappedKey);
  });

  const sealed = vault.seal(place, data);
  const flipped = (blob: Uint8Array, index: number): Uint8Array => {
    const copy = Uint8Array.from(blob);
    copy[index] = copy[index]! ^ 1;
    return copy;
  };

  it.each(['sealedData', 'wrappedKey'] as const)('does not open when any byte of its %s is another', (part) => {
    for (let index = 0; index < sealed[part].length; index++) {
      const changed = { ...sealed, [part]: flipped(sealed[part], index) };
      expect(() => vault.open(place, changed)).toThrow(unreadable);
    }
  });

  it.each(['sealedData', 'wrappedKey'] as const)('does not open when its %s ends early', (part) => {
    for (let length = 0; length < sealed[part].length; length++) {
      expect(() => vault.open(place, { ...sealed, [part]: sealed[part].subarray(0, length) })).toThrow(unreadable);
    }
  });

  it.each([
    ['another workspace', { ...place, workspaceId: 'ws_2' }],
    ['another credential', { ...place, credentialId: 'cr_2' }],
    ['both the other way round', { workspaceId: 'cr_1', credentialId: 'ws_1' }],
    ['a place that is written alike', { workspaceId: 'ws_1","cr_1', credentialId: '' }],
  ])('does not open at %s', (_, elsewhere) => {
    expect(() => vault.open(elsewhere, sealed)).toThrow(unreadable);
    expect(() => vault.rewrap(elsewhere, sealed)).toThrow(unreadable);
  });

  it('does not open with the parts of two credentials mixed, at the same place', () => {
    const other = vault.seal(place, data);
    expect(() => vault.open(place, { ...sealed, sealedData: other.sealedData })).toThrow(unreadable);
    expect(() => vault.open(place, { ...sealed, sealedData: sealed.wrappedKey })).toThrow(unreadable);
  });

  it('does not open with another key, of an unknown id or under the same', () => {
    expect(() => vaultOf(newKey('b')).open(place, sealed)).toThrow(unreadable);
    expect(() => vaultOf(newKey('a')).open(place, sealed)).toThrow(unreadable);
    expect(() => vaultOf(key).open(place, { ...sealed, keyId: 'b' })).toThrow(unreadable);
  });
});

describe('rotation', () => {
  it('leaves the data as it is and wraps its key anew: the old key is needed no more', () => {
    const next = newKey('b');
    const sealed = vault.seal(place, data);
    const rewrapped = { ...sealed, ...vaultOf(next, key).rewrap(place, sealed) };
    expect(rewrapped).toMatchObject({ keyId: 'b', sealedData: sealed.sealedData });
    expect(vaultOf(next).open(place, rewrapped)).toBe(data);
    expect(() => vault.open(place, rewrapped)).toThrow(unreadable);
  });

  it('opens through any number of keys, as long as each is known once while it is replaced', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.boolean(), { maxLength: 6 }), (text, rotations) => {
        let current = newKey('k0');
        let sealed: SealedCredential = vaultOf(current).seal(place, text);
        rotations.forEach((isUsedBetween, index) => {
          const next = newKey(`k${index + 1}`);
          const both = vaultOf(next, current);
          if (isUsedBetween) expect(both.open(place, sealed)).toBe(text);
          sealed = { ...sealed, ...both.rewrap(place, sealed) };
          current = next;
        });
        expect(sealed.keyId).toBe(current.id);
        expect(vaultOf(current).open(place, sealed)).toBe(text);
      }),
      { numRuns: 50 },
    );
  });
});
