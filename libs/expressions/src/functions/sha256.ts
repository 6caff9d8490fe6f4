/** SHA-256 by FIPS 180-4, section 6.2. Pure code has no node:crypto; the spec compares the two. */
export function sha256(message: Uint8Array): Uint8Array {
  const blocks = pad(message);
  const hash = Uint32Array.from(INITIAL);
  const words = new Uint32Array(64);
  for (let at = 0; at < blocks.byteLength; at += 64) {
    for (let word = 0; word < 16; word++) words[word] = blocks.getUint32(at + word * 4);
    compress(hash, words);
  }
  const digest = new DataView(new ArrayBuffer(32));
  hash.forEach((word, index) => digest.setUint32(index * 4, word));
  return new Uint8Array(digest.buffer);
}

const PRIMES = firstPrimes(64);
/** First 32 bits of the fractional parts of the square roots of the first 8 primes. */
const INITIAL = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
/** The same of the cube roots of the first 64 primes. */
const ROUND_CONSTANTS = Uint32Array.from(PRIMES.map((prime) => fraction(Math.cbrt(prime))));

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes;
}

function fraction(root: number): number {
  return Math.floor((root % 1) * 2 ** 32);
}

/** The message, a bit of one, zeros, and its length in bits: whole blocks of 64 octets. */
function pad(message: Uint8Array): DataView {
  const length = Math.ceil((message.length + 9) / 64) * 64;
  const padded = new Uint8Array(length);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(length - 8, Math.floor((message.length * 8) / 2 ** 32));
  view.setUint32(length - 4, (message.length * 8) >>> 0);
  return view;
}

function compress(hash: Uint32Array, words: Uint32Array): void {
  expand(words);
  const work = Uint32Array.from(hash);
  for (let round = 0; round < 64; round++) mix(work, round, at(ROUND_CONSTANTS, round) + at(words, round));
  for (let index = 0; index < 8; index++) hash[index] = at(hash, index) + at(work, index);
}

/** From the 16 words of a block, the 48 that follow from them. */
function expand(words: Uint32Array): void {
  for (let round = 16; round < 64; round++) {
    const early = at(words, round - 15);
    const late = at(words, round - 2);
    const first = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    const second = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    words[round] = at(words, round - 16) + first + at(words, round - 7) + second;
  }
}

/** One round. The standard's working variables a to h move one place on with every round; here their places count back. */
function mix(work: Uint32Array, round: number, input: number): void {
  const a = at(work, -round & 7);
  const b = at(work, (1 - round) & 7);
  const c = at(work, (2 - round) & 7);
  const e = at(work, (4 - round) & 7);
  const f = at(work, (5 - round) & 7);
  const g = at(work, (6 - round) & 7);
  const h = (7 - round) & 7;
  const one = at(work, h) + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + input;
  const two = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
  work[(3 - round) & 7] = at(work, (3 - round) & 7) + one;
  work[h] = one + two;
}

function at(words: Uint32Array, index: number): number {
  return words[index] ?? 0;
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}
