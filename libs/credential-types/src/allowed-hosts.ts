import { z } from 'zod';

const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const HOST = new RegExp(`^(?:\\*\\.)?${LABEL}(?:\\.${LABEL})*$`);
/** As URLs write them: in brackets, in lower case, compressed. */
const IPV6 = /^\[[0-9a-f:.]{2,45}\]$/;
const MAX_HOSTS = 50;

/** A host by name or address, or with `*.` in front all hosts below it. No scheme, no port, international names as `xn--…`. */
const allowedHost = z
  .string()
  .max(253)
  .toLowerCase()
  .refine(isPattern, 'must be a host such as api.example.com, or *.example.com for all below it');

export const allowedHosts = z.array(allowedHost).max(MAX_HOSTS);

function isPattern(text: string): boolean {
  if (IPV6.test(text)) return true;
  // The last part of an address is a number, that of a name never: nothing is below an address.
  return HOST.test(text) && !/^\*\..*\.?\d+$/.test(text);
}

/** Whether a credential bound to `patterns` may be sent to `host`, which is written as in `URL.hostname`. Bound to none: to any. */
export function isHostAllowed(host: string, patterns: readonly string[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => matches(host, pattern));
}

/** Whether a credential bound to `hosts` may go nowhere where one bound to `wider` may not. */
export function areHostsWithin(hosts: readonly string[], wider: readonly string[]): boolean {
  if (wider.length === 0) return true;
  return hosts.length > 0 && hosts.every((host) => wider.some((pattern) => host === pattern || matches(host, pattern)));
}

function matches(host: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) && host.length >= pattern.length : host === pattern;
}
