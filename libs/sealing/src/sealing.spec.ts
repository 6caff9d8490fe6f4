import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { seal, tryOpen } from './sealing.ts';

const key = randomBytes(32);
const bytes = fc.uint8Array({ maxLength: 200 });

describe('what is sealed', () => {
  it('opens as what it was, and never looks the same twice', () => {
    fc.assert(
      fc.property(bytes, fc.string(), (plain, place) => {
        const blob = seal(key, plain, place);
        expect(tryOpen(key, blob, place)).toEqual(Buffer.from(plain));
        expect(seal(key, plain, place)).not.toEqual(blob);
      }),
    );
  });

  it('does not open elsewhere, with another key, or when a bit of it is another', () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.nat(7), (plain, place, bit) => {
        const blob = seal(key, plain, 'here');
        expect(tryOpen(key, blob, 'there')).toBeUndefined();
        expect(tryOpen(randomBytes(32), blob, 'here')).toBeUndefined();
        const changed = Buffer.from(blob);
        const at = place % blob.length;
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        expect(tryOpen(key, changed, 'here')).toBeUndefined();
      }),
    );
  });

  it.each([0, 1, 28])('does not open when %d bytes are left of it', (length) => {
    expect(tryOpen(key, seal(key, Buffer.alloc(0), '').subarray(0, length), '')).toBeUndefined();
  });
});
