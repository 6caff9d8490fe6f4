import ipaddr from 'ipaddr.js';

/**
 * Who an address stands for where callers are counted apart: an IPv4 address itself, of an IPv6 address the /64, which
 * is the least that one customer has, so that nobody counts as 2^64 callers. What is no address is taken as it is.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address.slice(0, 64);
  const parsed = ipaddr.process(address);
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString();
  return `${new ipaddr.IPv6([...parsed.parts.slice(0, 4), 0, 0, 0, 0]).toString()}/64`;
}
