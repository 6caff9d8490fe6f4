import { randomFillSync } from 'node:crypto';
import { ID_PREFIXES, InvariantError, type Clock, type IdKind, type IdOf, type IdSource } from '#libs/kernel';

/** Crockford's 32: lower case and in ASCII order, so that ids sort by time under every collation, and read aloud well. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_LENGTH = 10;
/** 26 letters of 5 bits: 130 bits of chance, so that the time in front makes no id guessable. */
const CHANCE_LENGTH = 26;
const POOL_BYTES = CHANCE_LENGTH * 128;

/** `<prefix>_` and 36 letters, milliseconds first: rows of one table land near each other in its index. */
export function createIdSource(clock: Clock): IdSource {
  const pool = new RandomPool();
  return {
    newId: (kind) => formatId(kind, clock.nowMs(), pool.letters(CHANCE_LENGTH)),
    newToken: (bytes) => randomFillSync(Buffer.allocUnsafe(bytes)).toString('base64url'),
  };
}

/** An id of the same shape that follows from `chance`, of which it takes as many bytes as it has letters of chance. */
export function derivedId<Kind extends IdKind>(kind: Kind, epochMs: number, chance: Uint8Array): IdOf<Kind> {
  const letters = Array.from(chance.subarray(0, CHANCE_LENGTH), letterOf);
  if (letters.length < CHANCE_LENGTH) throw new InvariantError('too little chance for an id');
  return formatId(kind, epochMs, letters.join(''));
}

function formatId<Kind extends IdKind>(kind: Kind, epochMs: number, chance: string): IdOf<Kind> {
  return `${ID_PREFIXES[kind]}_${timeLetters(epochMs)}${chance}` as IdOf<Kind>;
}

function letterOf(byte: number): string {
  return ALPHABET.charAt(byte & 31);
}

function timeLetters(epochMs: number): string {
  if (epochMs < 0) throw new InvariantError(`an id of ${epochMs} ms before 1970 would have no time`);
  let letters = '';
  for (let rest = epochMs, place = 0; place < TIME_LENGTH; place++) {
    letters = ALPHABET.charAt(rest % 32) + letters;
    rest = Math.floor(rest / 32);
  }
  return letters;
}

/** Asking the system for chance costs more than an id does, so it is asked for many at once. */
class RandomPool {
  private readonly bytes = Buffer.alloc(POOL_BYTES);
  private used = POOL_BYTES;

  letters(count: number): string {
    if (this.used + count > POOL_BYTES) {
      randomFillSync(this.bytes);
      this.used = 0;
    }
    let letters = '';
    for (const end = this.used + count; this.used < end; this.used++) letters += letterOf(this.bytes[this.used] ?? 0);
    return letters;
  }
}
