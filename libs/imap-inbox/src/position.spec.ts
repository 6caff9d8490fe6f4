import fc from 'fast-check';
import { beginningOf, fingerprintOf, isDelivered, isFromBefore, isRenumbered, passed, renumbered } from './position.ts';
import type { Checkpoint } from './types.ts';

const at = (uid: number) => ({ uid, internalDate: undefined });

describe('a checkpoint', () => {
  it('remembers the last 500 that were delivered, and nothing of those that were passed over', () => {
    let checkpoint: Checkpoint = { uidValidity: '1', lastUid: 0 };
    for (let uid = 1; uid <= 600; uid++) {
      checkpoint = passed(checkpoint, uid, {
        fingerprint: fingerprintOf(Buffer.from(String(uid))),
        isUnfinished: false,
      });
    }
    checkpoint = passed(checkpoint, 601);
    expect(checkpoint.lastUid).toBe(601);
    expect(checkpoint.fingerprints).toHaveLength(500);
    const anew = renumbered(checkpoint, { uidValidity: '2', uidNext: 700 });
    const delivered = (one: number, uid: number) =>
      isDelivered(anew, { uid, fingerprint: fingerprintOf(Buffer.from(String(one))) });
    expect([delivered(100, 1), delivered(101, 1), delivered(600, 699), delivered(600, 700)]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('is the same as JSON', () => {
    const number = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, fc.boolean(), fc.boolean())), number, (steps, uidNext) => {
        let checkpoint = beginningOf({ uidValidity: '1', uidNext: 1 }, 'newest');
        for (const [uid, isUnfinished, isAnew] of steps) {
          checkpoint = isAnew
            ? renumbered(checkpoint, { uidValidity: '2', uidNext })
            : passed(checkpoint, uid, { fingerprint: String(uid), isUnfinished });
          expect(JSON.parse(JSON.stringify(checkpoint))).toEqual(checkpoint);
          expect((checkpoint.renumberedBelow ?? Infinity) > checkpoint.lastUid).toBe(true);
        }
      }),
    );
  });

  it('is not of a mailbox that has other numbers, or gives them out again', () => {
    const checkpoint = { uidValidity: '1', lastUid: 5 };
    expect(isRenumbered(checkpoint, { uidValidity: '1', uidNext: 6 })).toBe(false);
    expect(isRenumbered(checkpoint, { uidValidity: '1', uidNext: 5 })).toBe(true);
    expect(isRenumbered(checkpoint, { uidValidity: '1' })).toBe(false);
    expect(isRenumbered(checkpoint, { uidValidity: '2', uidNext: 9 })).toBe(true);
  });

  it('knows what was there before only of messages that were renumbered', () => {
    const since = '2026-11-28T03:00:00.000Z';
    const known = beginningOf({ uidValidity: '1', uidNext: 4, newest: { uid: 3, internalDate: since } }, 'newest');
    const old = { uid: 2, internalDate: '2026-11-28T02:00:00.000Z' };
    expect(isFromBefore(known, old)).toBe(false);
    const anew = renumbered(known, { uidValidity: '2', uidNext: 4 });
    expect(
      [old, at(2), { uid: 2, internalDate: since }, { ...old, uid: 4 }].map((one) => isFromBefore(anew, one)),
    ).toEqual([true, false, false, false]);
  });
});
