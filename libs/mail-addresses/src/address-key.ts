import type { MailAddress } from './parse-address.ts';

/**
 * What two spellings of one mailbox have in common: all lower case. Local parts may differ by case, says RFC 5321, but no
 * known server does that, and who asked not to be written to means every spelling.
 */
export function addressKeyOf(address: MailAddress | string): string {
  return (typeof address === 'string' ? address : address.address).toLowerCase();
}

/** What stands behind the last @, in lower case; empty where there is none. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? '' : address.slice(at + 1).toLowerCase();
}
