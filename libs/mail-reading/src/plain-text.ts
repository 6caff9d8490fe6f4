import type { Warnings } from './warnings.ts';

/** Without NUL and without halves of surrogate pairs. */
export function withoutNul(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** The beginning of a text, at most so many bytes of UTF-8, cut between characters. */
export function cutTo(text: string, maxBytes: number): string {
  // A UTF-16 unit is at most three bytes of UTF-8, so short texts need not be measured.
  if (text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes) return text;
  const encoded = new TextEncoder().encode(text.slice(0, maxBytes));
  return new TextDecoder().decode(encoded.subarray(0, endOfCharacter(encoded, maxBytes)));
}

/** A text as it goes out: cleaned and cut, each with a warning that names it. */
export function plainText(text: string, maxBytes: number, what: string, warnings: Warnings): string {
  const clean = withoutNul(text);
  if (clean.length < text.length) warnings.add(`${what} held NUL, which is left out`);
  const cut = cutTo(clean, maxBytes);
  if (cut.length < clean.length) warnings.add(`${what} is longer than ${maxBytes} bytes: the rest is left out`);
  return cut;
}

function endOfCharacter(utf8: Uint8Array, maxBytes: number): number {
  let end = Math.min(maxBytes, utf8.length);
  while (end > 0 && end < utf8.length && isContinuation(utf8[end])) end--;
  return end;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
