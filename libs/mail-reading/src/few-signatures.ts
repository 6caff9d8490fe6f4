import { endOfHead } from './head.ts';
import { MAIL_LIMITS } from './limits.ts';

/** Enough for what honest relays and lists add; each may cost a pass over the whole body and a question to DNS. */
const MOST_SIGNATURES = 10;

const LF = 0x0a;
const COSTLY = /^(dkim-signature|arc-message-signature)[ \t]*:/i;

/**
 * The message with its first signatures only, and without those of ARC, which are not looked at here but would be
 * computed. Undefined when its headers do not end within the limit.
 */
export function withFewSignatures(raw: Uint8Array): Uint8Array | undefined {
  const end = endOfHead(raw);
  if (end >= MAIL_LIMITS.headerBytes) return undefined;
  const kept: Uint8Array[] = [];
  let signatures = 0;
  for (const field of fieldsOf(raw.subarray(0, end))) {
    const kind = COSTLY.exec(Buffer.from(field.subarray(0, 40)).toString('latin1'))?.[1]?.toLowerCase();
    const isKept = kind === undefined || (kind === 'dkim-signature' && ++signatures <= MOST_SIGNATURES);
    if (isKept) kept.push(field);
  }
  return Buffer.concat([...kept, raw.subarray(end)]);
}

/** Header fields with the lines that continue them and their line ends. */
function* fieldsOf(head: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  for (let line = nextLine(head, 0); start < head.length; line = nextLine(head, line)) {
    if (line < head.length && isBlank(head[line])) continue;
    yield head.subarray(start, line);
    start = line;
  }
}

function nextLine(bytes: Uint8Array, from: number): number {
  const at = bytes.indexOf(LF, from);
  return at < 0 ? bytes.length : at + 1;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09;
}
