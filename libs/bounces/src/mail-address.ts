import { MAIL_LIMITS } from './returned-mail.ts';

/** What looks like an address in running text; local parts in quotes are left out, they are rarer than what only looks so. */
const ADDRESS = /[\w.!#$%&'*+/=?^{|}~-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}/g;

/** All addresses of a text in their order, in the case they have there, without repetition; at most as many as recipients. */
export function addressesIn(text: string): readonly string[] {
  const found = new Map<string, string>();
  for (const [match] of text.matchAll(ADDRESS)) {
    const address = trimmed(match);
    if (address === undefined || found.has(keyOf(address))) continue;
    found.set(keyOf(address), address);
    if (found.size >= MAIL_LIMITS.recipients) break;
  }
  return [...found.values()];
}

/** The one that a field holds and nothing else, in any alphabet (RFC 6533); undefined when it holds none. */
export function addressOfField(value: string): string | undefined {
  const [, whole] = /^<?([^\s<>"()@,;]{1,64}@[^\s<>"()@,;]{1,253})>?$/.exec(value.trim()) ?? [];
  return whole === undefined ? addressesIn(value)[0] : trimmed(whole);
}

/** Under which two spellings are the same: hosts don't tell case, and nearly no mailbox does. */
export function keyOf(address: string): string {
  return address.toLowerCase();
}

/** Without the punctuation around it; undefined when nothing usable is left. */
function trimmed(match: string): string | undefined {
  const address = match.replace(/^(?:smtp=|['=/.]{1,8})/i, '').replace(/[.-]{1,8}$/, '');
  return /^[^@]+@[^@]*[\p{L}\p{N}]$/u.test(address) && address.length <= MAIL_LIMITS.addressChars ? address : undefined;
}
