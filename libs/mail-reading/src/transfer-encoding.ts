const EQUALS = 0x3d;
const CR = 0x0d;
const BASE64 = tableOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/= \t\r');
const HEX = tableOf('0123456789ABCDEFabcdef');

/** Whether a line of a base64 body (RFC 2045, 6.8) has bytes that decoders skip. */
export function isBrokenBase64(line: Uint8Array): boolean {
  return !line.every((byte) => BASE64[byte] === 1);
}

/** Whether a line of a quoted-printable body (RFC 2045, 6.7) has a `=` that escapes nothing. */
export function isBrokenQuotedPrintable(line: Uint8Array): boolean {
  let at = line.indexOf(EQUALS);
  while (at >= 0) {
    if (!isEscape(line, at)) return true;
    at = line.indexOf(EQUALS, at + 1);
  }
  return false;
}

function isEscape(line: Uint8Array, at: number): boolean {
  const [high, low] = [line[at + 1], line[at + 2]];
  if (high === undefined || high === CR) return true;
  return isHex(high) && low !== undefined && isHex(low);
}

function isHex(byte: number): boolean {
  return HEX[byte] === 1;
}

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}
