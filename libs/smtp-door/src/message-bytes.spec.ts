import fc from 'fast-check';
import { MessageBytes } from './message-bytes.ts';

describe('the bytes of a message', () => {
  it('are those that came, in whatever pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40_000, size: 'max' }), { maxLength: 6 }),
        fc.nat({ max: 50_000 }),
        (pieces, expected) => {
          const bytes = new MessageBytes(expected);
          for (const piece of pieces) bytes.add(piece);
          expect(bytes.whole().equals(Buffer.concat(pieces))).toBe(true);
          expect(bytes.length).toBe(Buffer.concat(pieces).length);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('are no view of what they came in', () => {
    const bytes = new MessageBytes(0);
    const piece = Buffer.from('abc');
    bytes.add(piece);
    piece.fill('x');
    expect(bytes.whole().toString()).toBe('abc');
  });
});
