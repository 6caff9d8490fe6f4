import { isIP } from 'node:net';

/**
 * Who an address stands for where callers are counted apart: an IPv4 address itself, also when written as IPv6, and of
 * an IPv6 address the /64, which is the least that one customer has, so that nobody counts as 2^64 callers. What is no
 * address is taken as it is. A connection that is gone has none; all of those are one caller, and none reads its answer.
 */
export function networkOf(address: string | undefined): string {
  if (address === undefined) return 'gone';
  const family = isIP(address);
  if (family === 0) return address.slice(0, 64);
  if (address.includes('.')) return address.slice(address.lastIndexOf(':') + 1);
  return `${prefixOf(address)}::/64`;
}

/** The first four of the eight groups of an IPv6 address, without zeros in front, `::` written out. */
function prefixOf(address: string): string {
  const [head = '', tail = ''] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (groups.length < 4) {
    const after = tail === '' ? [] : tail.split(':');
    for (let missing = 8 - groups.length - after.length; missing > 0; missing--) groups.push('0');
    groups.push(...after);
  }
  const prefix = groups.slice(0, 4).join(':').toLowerCase();
  return prefix.replace(/\b0+(?=[0-9a-f])/g, '');
}
