import { randomFillSync } from 'node:crypto';
import { ID_PREFIXES, type Clock, type IdOf, type IdSource } from '#libs/kernel';

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
    newId: (kind) =>
      `${ID_PREFIXES[kind]}_${timeLetters(clock.nowMs())}${pool.letters(CHANCE_LENGTH)}` as IdOf<typeof kind>,
    newToken: (bytes) => randomFillSync(Buffer.allocUnsafe(bytes)).toString('base64url'),
  };
}

function timeLetters(epochMs: number): string {
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
    for (const end = this.used + count; this.used < end; this.used++)
      letters += ALPHABET.charAt((this.bytes[this.used] ?? 0) & 31);
    return letters;
  }
}
