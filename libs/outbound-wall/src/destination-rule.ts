import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { formsOf, tryParseAddress, type IpAddress } from './address-wall.ts';

/** One entry of a list of destinations. */
export type DestinationRule = RuleBase &
  (
    | { readonly kind: 'all' }
    /** A host by its name, or with `below` every host below it and not itself. */
    | { readonly kind: 'name'; readonly name: string; readonly below: boolean }
    | { readonly kind: 'block'; readonly address: IpAddress; readonly bits: number }
  );

interface RuleBase {
  /** As somebody wrote it, for messages. */
  readonly text: string;
  /** Absent: any. */
  readonly port?: number;
}

/** A host as URLs write it, without brackets and without a dot at its end, and the port. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

const BRACKETED = /^\[([^\]]*)\](?::(\d+))?$/;
const WITH_PORT = /^([^:]*):(\d+)$/;
const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
/** What would make something else of a host when it is read as part of a URL. */
const NO_HOST = /[\s/?#@:\\%[\]]/;
const NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);

/**
 * A host `erp.example.com`, every host below one `*.example.com`, an address `10.1.2.3`, a CIDR block `fd00::/8` or all of
 * them `*`, each with a port or without; IPv6 with a port stands in brackets, `[fd00::/8]:443`.
 */
export function tryParseDestinationRule(written: string): DestinationRule | undefined {
  const text = written.trim();
  const isBracketed = text.startsWith('[');
  const [, host = text, port] = (isBracketed ? BRACKETED : WITH_PORT).exec(text) ?? [];
  const base = port === undefined ? { text } : withPort(text, Number(port));
  return base && (tryParseBlock(host, base) ?? (isBracketed ? undefined : tryParseNamed(host, base)));
}

function withPort(text: string, port: number): RuleBase | undefined {
  return port >= 1 && port <= 65_535 ? { text, port } : undefined;
}

function tryParseNamed(host: string, base: RuleBase): DestinationRule | undefined {
  if (host === '*') return { ...base, kind: 'all' };
  const below = host.startsWith('*.');
  const name = nameAsInUrls(below ? host.slice(2) : host) ?? '';
  return NAME.test(name) && isIP(name) === 0 ? { ...base, kind: 'name', name, below } : undefined;
}

/** As URLs have it: in lower case, international names as `xn--…`, IPv4 addresses in the usual notation. */
function nameAsInUrls(written: string): string | undefined {
  return NO_HOST.test(written) ? undefined : withoutDots(URL.parse(`http://${written}/`)?.host ?? '');
}

/** A name or an address that somebody wrote, IPv6 in brackets or not, as a destination has it; undefined for anything else. */
export function tryParseHost(written: string): string | undefined {
  const bare = written.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) !== 0) return bare;
  const host = nameAsInUrls(written);
  return host !== undefined && (NAME.test(host) || isIP(host) !== 0) ? host : undefined;
}

const BLOCK = /^([^/%]+)(?:\/(\d{1,3}))?$/;

function tryParseBlock(text: string, base: RuleBase): DestinationRule | undefined {
  const [, written = '', length] = BLOCK.exec(text) ?? [];
  if (isIP(written) === 0) return undefined;
  const address = ipaddr.parse(written);
  const widest = address.kind() === 'ipv4' ? 32 : 128;
  const bits = Number(length ?? widest);
  return bits > widest ? undefined : { ...base, kind: 'block', ...unmapped(address, bits) };
}

/** An IPv4 block written as IPv6 is one, as long as no other IPv6 address lies in it. */
function unmapped(address: IpAddress, bits: number): { readonly address: IpAddress; readonly bits: number } {
  const isMapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96;
  return isMapped ? { address: address.toIPv4Address(), bits: bits - 96 } : { address, bits };
}

export function withoutDots(name: string): string {
  return name.replace(/\.+$/, '');
}

export function namesPort(rule: DestinationRule, port: number): boolean {
  return rule.port === undefined || rule.port === port;
}

/** Whether the host is called so; what it resolves to is nothing of this. */
export function namesHost(rule: DestinationRule, { host, port }: Destination): boolean {
  if (rule.kind !== 'name' || !namesPort(rule, port)) return false;
  return rule.below ? host.endsWith(`.${rule.name}`) : host === rule.name;
}

/** Whether packets to the address arrive in the block. */
export function holdsAddress(rule: DestinationRule, address: string, port: number): boolean {
  const arrives = tryParseAddress(address);
  return arrives !== undefined && namesPort(rule, port) && holds(rule, arrives);
}

/** Whether the address lies in the block however it is read. */
export function touchesAddress(rule: DestinationRule, address: string, port: number): boolean {
  return namesPort(rule, port) && formsOf(address).some((form) => holds(rule, form));
}

function holds(rule: DestinationRule, address: IpAddress): boolean {
  return rule.kind === 'block' && rule.address.kind() === address.kind() && address.match(rule.address, rule.bits);
}
