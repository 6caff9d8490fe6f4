const LF = 0x0a;
const CR = 0x0d;
const NAME = /^received[\t ]*:/i;
/** As much of a line as its name may take. */
const NAME_BYTES = 32;

/** How many servers a message came through, as they say themselves; those of messages within it do not count. */
export function countReceivedHeaders(raw: Buffer): number {
  let count = 0;
  for (let at = 0; at < raw.length && !isLineEnd(raw, at);) {
    if (NAME.test(raw.toString('latin1', at, at + NAME_BYTES))) count++;
    const end = raw.indexOf(LF, at);
    at = end < 0 ? raw.length : end + 1;
  }
  return count;
}

function isLineEnd(raw: Buffer, at: number): boolean {
  return raw[at] === LF || (raw[at] === CR && raw[at + 1] === LF);
}
