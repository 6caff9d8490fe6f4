import { Bytes } from '../value.ts';

/** Pure code has no TextEncoder and no atob, so the two codecs stand here. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const SEXTETS: ReadonlyMap<string, number> = new Map([
  ...[...ALPHABET].map((letter, sextet) => [letter, sextet] as const),
  ['-', 62],
  ['_', 63],
]);
const REPLACEMENT = 0xfffd;
const PADDING = '='.charCodeAt(0);
const CODES_PER_CALL = 4_096;

export function encodeUtf8(text: string): Uint8Array {
  const octets = new Uint8Array(text.length * 3);
  let length = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? REPLACEMENT;
    // A lone surrogate is no character.
    length = putCodePoint(octets, length, point >= 0xd800 && point <= 0xdfff ? REPLACEMENT : point);
  }
  return octets.slice(0, length);
}

/** Writes a code point at `at`, and gives where the next one goes. */
function putCodePoint(octets: Uint8Array, at: number, point: number): number {
  if (point < 0x80) {
    octets[at] = point;
    return at + 1;
  }
  const following = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  const marks = [0xc0, 0xe0, 0xf0];
  octets[at] = (marks[following - 1] ?? 0) | (point >> (6 * following));
  for (let left = following; left > 0; left--) {
    octets[at + following - left + 1] = 0x80 | ((point >> (6 * (left - 1))) & 0x3f);
  }
  return at + following + 1;
}

/** Undefined when the octets are not UTF-8. */
export function tryDecodeUtf8(octets: Uint8Array): string | undefined {
  let escaped = '';
  const pieces: string[] = [];
  for (const octet of octets) {
    escaped += octet < 0x80 ? asciiEscape(octet) : `%${octet.toString(16)}`;
    if (escaped.length > 4096 && octet < 0x80) {
      pieces.push(escaped);
      escaped = '';
    }
  }
  try {
    return [...pieces, escaped].map((piece) => decodeURIComponent(piece)).join('');
  } catch {
    return undefined;
  }
}

function asciiEscape(octet: number): string {
  return octet === 0x25 ? '%25' : String.fromCharCode(octet);
}

export function toBase64(octets: Uint8Array): string {
  const codes = new Uint8Array(Math.ceil(octets.length / 3) * 4).fill(PADDING);
  const letters = Math.ceil((octets.length * 4) / 3);
  for (let letter = 0; letter < letters; letter++) {
    // A letter's six bits begin in one octet and may end in the next.
    const from = letter * 6;
    const pair = ((octets[from >> 3] ?? 0) << 8) | (octets[(from >> 3) + 1] ?? 0);
    codes[letter] = ALPHABET.charCodeAt((pair >> (10 - (from & 7))) & 63);
  }
  return asciiText(codes);
}

/** In pieces, since the arguments of a call stand on the stack. */
function asciiText(codes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < codes.length; at += CODES_PER_CALL) {
    text += String.fromCharCode(...codes.subarray(at, at + CODES_PER_CALL));
  }
  return text;
}

/** Undefined when the text is not base64. The URL alphabet and absent padding are accepted. */
export function tryFromBase64(text: string): Uint8Array | undefined {
  const letters = text.replace(/={1,2}$/, '');
  if (letters.length % 4 === 1 || (letters.length < text.length && text.length % 4 !== 0)) return undefined;
  const octets = new Uint8Array((letters.length * 6) >> 3);
  let bits = 0;
  let held = 0;
  let length = 0;
  for (const letter of letters) {
    const sextet = SEXTETS.get(letter);
    if (sextet === undefined) return undefined;
    bits = ((bits << 6) | sextet) & 0xffff;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    octets[length++] = (bits >> held) & 0xff;
  }
  return octets;
}

export function bytesOf(octets: Uint8Array): Bytes {
  return new Bytes(octets, toBase64);
}

export function concatenate(left: Bytes, right: Bytes): Bytes {
  const octets = new Uint8Array(left.octets.length + right.octets.length);
  octets.set(left.octets);
  octets.set(right.octets, left.octets.length);
  return bytesOf(octets);
}
