import fc from 'fast-check';
import { parseIdempotencyKey } from './idempotency-key.ts';

describe('an Idempotency-Key', () => {
  it.each([
    ['8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['"8e03978e-40d5-43dd-bc93-6894a57f9324"', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['"a\\"b\\\\c"', 'a"b\\c'],
    ['a"b', 'a"b'],
    ['~', '~'],
    ['x'.repeat(255), 'x'.repeat(255)],
    [`"${'x'.repeat(255)}"`, 'x'.repeat(255)],
  ])('%s is %s', (header, key) => {
    expect(parseIdempotencyKey(header)).toBe(key);
  });

  it.each(['', '""', '"', '"a', '"a"b', '"a";p=1', '"a\\b"', 'a b', '"a b"', 'a, b', 'ä', '\t', 'x'.repeat(256)])(
    'is not %j',
    (header) => {
      expect(() => parseIdempotencyKey(header)).toThrow(
        expect.objectContaining({ kind: 'malformed', code: 'INVALID_IDEMPOTENCY_KEY' }) as Error,
      );
    },
  );

  it('is the same quoted and bare', () => {
    const visible = fc.stringMatching(/^[\x21\x23-\x7e][\x21-\x7e]{0,254}$/);
    fc.assert(
      fc.property(visible, (key) => {
        const quoted = `"${key.replace(/["\\]/g, '\\$&')}"`;
        expect([parseIdempotencyKey(key), parseIdempotencyKey(quoted)]).toEqual([key, key]);
      }),
    );
  });
});
