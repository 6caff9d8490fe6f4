import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Whether an address is one of those listed, which are addresses and CIDR blocks; made ready once. */
export function addressesIn(listed: readonly string[]): (ip: string) => boolean {
  const list = new BlockList();
  for (const entry of listed) {
    const [address = '', bits] = entry.split('/', 2);
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (ip) => {
    const address = unmapped(ip);
    if (isIPv4(address)) return list.check(address, 'ipv4');
    return isIPv6(address) && list.check(address, 'ipv6');
  };
}

/** A socket that listens for both families gives IPv4 callers as `::ffff:192.0.2.1`. */
function unmapped(ip: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1] ?? ip;
}
