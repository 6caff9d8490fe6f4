import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Addresses that look public and are a cloud's own: Azure's wire server answers with credentials. */
const DENIED = new Set(['168.63.129.16']);
/** Names that a cloud's or the machine's resolver answers, whatever the address they answer with. */
const DENIED_NAMES = new Set(['localhost', 'metadata.google.internal']);

/** Where connections may lead. */
export interface Wall {
  /** An IP address as text, without brackets. */
  allowsAddress(address: string): boolean;
  /** A host's name, before it is resolved; the addresses it resolves to are judged too. */
  allowsName(name: string): boolean;
}

const NAT64_PREFIX = [0x64, 0xff9b, 0, 0, 0, 0];
const RFC6145_PREFIX = [0, 0, 0, 0, 0xffff, 0];

/** Whether an IP address, as text without brackets, is one that anybody on the internet would reach. */
export function isPublicAddress(text: string): boolean {
  if (isIP(text) === 0) return false;
  const address = unwrap(ipaddr.process(text));
  if (address.range() !== 'unicast' || DENIED.has(address.toString())) return false;
  // Only 2000::/3 was ever given out; the rest of IPv6 counts as `unicast` too and may be routed by a network for itself.
  return address.kind() === 'ipv4' || ((address as ipaddr.IPv6).parts[0] ?? 0) >> 13 === 1;
}

export function isDeniedName(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.+$/, '');
  return DENIED_NAMES.has(name) || name.endsWith('.localhost');
}

/** An IPv6 address that stands for an IPv4 one is judged as that; `process` knows only the mapped form. */
function unwrap(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (!(address instanceof ipaddr.IPv6)) return address;
  const { parts } = address;
  const embeds = [NAT64_PREFIX, RFC6145_PREFIX].some((prefix) => prefix.every((part, index) => parts[index] === part));
  return embeds ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
}

export const PUBLIC_INTERNET: Wall = {
  allowsAddress: isPublicAddress,
  allowsName: (name) => !isDeniedName(name),
};

export const EVERYWHERE: Wall = { allowsAddress: () => true, allowsName: () => true };
