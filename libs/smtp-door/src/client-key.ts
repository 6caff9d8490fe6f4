import ipaddr from 'ipaddr.js';

/** The address of a socket without what says that it is an IPv4 one; undefined for a socket that is closed already. */
export function ipOf(remoteAddress: string | undefined): string | undefined {
  if (remoteAddress === undefined || !ipaddr.isValid(remoteAddress)) return undefined;
  return ipaddr.process(remoteAddress).toString();
}

/** What limits are counted by: who has one IPv6 address has the whole /64 that it lies in. */
export function clientKeyOf(ip: string): string {
  const address = ipaddr.process(ip);
  if (!(address instanceof ipaddr.IPv6)) return ip;
  return `${new ipaddr.IPv6([...address.parts.slice(0, 4), 0, 0, 0, 0]).toString()}/64`;
}

/** The key of those who bring the mail of others: what is limited for each client is not for them. */
export const RELAY = 'relay';
