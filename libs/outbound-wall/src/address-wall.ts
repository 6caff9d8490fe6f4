import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;

/** A cloud's own, in whatever range they lie: they answer with credentials, or are how it reaches the machine. */
const CLOUD_SERVICES = new Set([
  '100.100.100.200',
  '168.63.129.16',
  '169.254.169.254',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
]);
/** Names that a cloud's or the machine's resolver answers, whatever the address they answer with. */
const DENIED_NAMES = new Set(['localhost', 'metadata.google.internal']);
/** What people number their own networks with; 100.64.0.0/10 too, where clusters and overlay networks do. */
const OWN_NETWORKS = new Set(['private', 'uniqueLocal', 'carrierGradeNat']);

const NAT64_PREFIX = [0x64, 0xff9b, 0, 0, 0, 0];
const RFC6145_PREFIX = [0, 0, 0, 0, 0xffff, 0];

/** Whether an IP address, as text without brackets, is one that anybody on the internet would reach. */
export function isPublicAddress(text: string): boolean {
  const address = tryParseAddress(text);
  if (!address || address.range() !== 'unicast' || CLOUD_SERVICES.has(address.toString())) return false;
  // Only 2000::/3 was ever given out; the rest of IPv6 counts as `unicast` too and may be routed by a network for itself.
  return address.kind() === 'ipv4' || ((address as ipaddr.IPv6).parts[0] ?? 0) >> 13 === 1;
}

/** Whether it is one that somebody numbers a network of their own with, and no cloud's service. */
export function isOwnNetworkAddress(text: string): boolean {
  const address = tryParseAddress(text);
  return address !== undefined && OWN_NETWORKS.has(address.range()) && !CLOUD_SERVICES.has(address.toString());
}

export function isDeniedName(name: string): boolean {
  return DENIED_NAMES.has(name) || name.endsWith('.localhost');
}

/** The address that packets to this one arrive at: an IPv6 address that stands for an IPv4 one is that. */
export function tryParseAddress(text: string): IpAddress | undefined {
  return isIP(text) === 0 ? undefined : unwrap(ipaddr.process(text));
}

/**
 * Every address that a rule may mean by this one: as it is written, unwrapped, and the IPv4 address that a tunnel's is made
 * of, where a relay may deliver it.
 */
export function formsOf(text: string): readonly IpAddress[] {
  const address = tryParseAddress(text);
  if (!address) return [];
  const written = ipaddr.parse(text);
  return [address, written, ...(written instanceof ipaddr.IPv6 ? tunnelledIn(written.toByteArray()) : [])];
}

/** `ipaddr.process` knows only the mapped form. */
function unwrap(address: IpAddress): IpAddress {
  if (!(address instanceof ipaddr.IPv6)) return address;
  const { parts } = address;
  const embeds = [NAT64_PREFIX, RFC6145_PREFIX].some((prefix) => prefix.every((part, index) => parts[index] === part));
  return embeds ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
}

/** Where these formats keep an IPv4 address. None of them counts as public, whatever lies within. */
const TUNNELS: readonly {
  readonly prefix: readonly number[];
  readonly ipv4: (bytes: readonly number[]) => number[];
}[] = [
  // 6to4, RFC 3056
  { prefix: [0x20, 0x02], ipv4: (bytes) => bytes.slice(2, 6) },
  // Teredo, RFC 4380: the client's, every bit turned over
  { prefix: [0x20, 0x01, 0, 0], ipv4: (bytes) => bytes.slice(12).map((byte) => byte ^ 0xff) },
  // NAT64 within a network, RFC 8215 and 6052: byte 8 is always 0
  { prefix: [0, 0x64, 0xff, 0x9b, 0, 1], ipv4: (bytes) => [...bytes.slice(6, 8), ...bytes.slice(9, 11)] },
  // IPv4-compatible, RFC 4291
  { prefix: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], ipv4: (bytes) => bytes.slice(12) },
];

function tunnelledIn(bytes: readonly number[]): ipaddr.IPv4[] {
  return TUNNELS.filter(({ prefix }) => prefix.every((byte, index) => bytes[index] === byte)).map(
    ({ ipv4 }) => new ipaddr.IPv4(ipv4(bytes)),
  );
}
