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
  const bracketed = BRACKETED.exec(text);
  const [, host = text, port] = bracketed ?? WITH_PORT.exec(text) ?? [];
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return undefined;
  const base: RuleBase = { text, ...(port === undefined ? {} : { port: Number(port) }) };
  const block = tryParseBlock(host);
  if (block) return { ...base, kind: 'block', ...block };
  return bracketed ? undefined : tryParseNamed(host, base);
}

function tryParseNamed(host: string, base: RuleBase): DestinationRule | undefined {
  if (host === '*') return { ...base, kind: 'all' };
  if (NO_HOST.test(host)) return undefined;
  const below = host.startsWith('*.');
  // As URLs have it: in lower case, international names as `xn--…`.
  const name = withoutDots(URL.parse(`http://${below ? host.slice(2) : host}/`)?.host ?? '');
  return NAME.test(name) && isIP(name) === 0 ? { ...base, kind: 'name', name, below } : undefined;
}

function tryParseBlock(text: string): { readonly address: IpAddress; readonly bits: number } | undefined {
  const [written = '', length, ...more] = text.split('/');
  if (isIP(written) === 0 || written.includes('%') || more.length > 0) return undefined;
  const parsed = ipaddr.parse(written);
  const widest = parsed.kind() === 'ipv4' ? 32 : 128;
  const bits = length === undefined ? widest : /^\d{1,3}$/.test(length) ? Number(length) : Infinity;
  if (bits > widest) return undefined;
  const address = ipaddr.process(written);
  // An IPv4 block written as IPv6 is one, as long as no other IPv6 address lies in it.
  const isMapped = address.kind() !== parsed.kind();
  if (!isMapped) return { address: parsed, bits };
  return bits >= 96 ? { address, bits: bits - 96 } : { address: parsed, bits };
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
