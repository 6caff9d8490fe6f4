import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { encodeUtf8, toBase64, tryDecodeUtf8, tryFromBase64 } from './octets.ts';
import { sha256 } from './sha256.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
);
const octets = fc.uint8Array({ maxLength: 300 });
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('UTF-8', () => {
  it('is written as everywhere, lone surrogates replaced', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(hex(encodeUtf8(text))).toBe(Buffer.from(text, 'utf8').toString('hex'));
      }),
    );
    expect(hex(encodeUtf8('a\ud800b'))).toBe('61efbfbd62');
  });

  it('is read back', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tryDecodeUtf8(encodeUtf8(text))).toBe(text.toWellFormed());
      }),
    );
    const long = 'aä€😀%'.repeat(5_000);
    expect(tryDecodeUtf8(encodeUtf8(long))).toBe(long);
  });

  it.each([['ff'], ['c3'], ['c0af'], ['eda080'], ['f5808080'], ['61ff62']])(
    'is refused when it is none: %s',
    (text) => {
      expect(tryDecodeUtf8(Buffer.from(text, 'hex'))).toBeUndefined();
    },
  );
});

describe('base64', () => {
  it('is written and read as everywhere', () => {
    fc.assert(
      fc.property(octets, (bytes) => {
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(tryFromBase64(toBase64(bytes))).toEqual(bytes);
        expect(tryFromBase64(Buffer.from(bytes).toString('base64url'))).toEqual(bytes);
      }),
    );
    const long = new Uint8Array(50_000).map((_, index) => index);
    expect(toBase64(long)).toBe(Buffer.from(long).toString('base64'));
  });

  it.each(['a', 'ab=', 'abc==', 'a b', '====', 'ab$d'])('is refused when it is none: %s', (text) => {
    expect(tryFromBase64(text)).toBeUndefined();
  });
});

describe('sha256', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ])('gives the digests of FIPS 180-4: %s', (text, digest) => {
    expect(hex(sha256(encodeUtf8(text)))).toBe(digest);
  });

  it('gives what node gives, for every length around the blocks', () => {
    for (let length = 0; length < 200; length++) {
      const message = new Uint8Array(length).map((_, index) => index * 7 + length);
      expect(hex(sha256(message))).toBe(createHash('sha256').update(message).digest('hex'));
    }
  });
});
