import PostalMime from 'postal-mime';
import { headerFieldsOf, type HeaderFields } from './header-fields.ts';
import { MAIL_LIMITS } from './limits.ts';
import type { Warnings } from './warnings.ts';

const LF = 0x0a;
const CR = 0x0d;

/** Where the headers of a message end: before the first empty line, or at the limit. */
export function endOfHead(raw: Uint8Array): number {
  const limit = Math.min(raw.length, MAIL_LIMITS.headerBytes);
  let line = 0;
  while (line < limit) {
    const end = raw.indexOf(LF, line);
    if (end < 0 || end >= limit) return limit;
    if (end === line || (end === line + 1 && raw[line] === CR)) return line;
    line = end + 1;
  }
  return limit;
}

/** The headers alone, however wrong what follows is. */
export async function headOf(raw: Uint8Array, warnings: Warnings): Promise<HeaderFields> {
  // The parser counts lines without their ends, so that what is cut here is never too much for it.
  const head = raw.subarray(0, endOfHead(raw));
  return headerFieldsOf(await PostalMime.parse(head, { maxHeadersSize: MAIL_LIMITS.headerBytes }), warnings);
}
