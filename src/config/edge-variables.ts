import { isIP } from 'node:net';
import { tryParseDestinationRule, type DestinationRule } from '#libs/outbound-wall';
import { refuse, type Context } from './refuse.ts';

/** So many requests of one caller within one window. */
export interface Rate {
  readonly requests: number;
  readonly windowSeconds: number;
}

/** Every origin, or those listed, as browsers write them. */
export type CorsOrigins = '*' | readonly string[];

const SECONDS_OF = { s: 1, m: 60, h: 3600 } as const;

/** `<requests>/<window>` or `off`. */
export function parseRate(text: string, context: Context): Rate | 'off' {
  if (text === 'off') return text;
  const [, requests = '', count = '', unit = ''] = /^([1-9]\d{0,8})\/([1-9]\d{0,3})([smh])$/.exec(text) ?? [];
  const unitSeconds = Object.entries(SECONDS_OF).find(([letter]) => letter === unit)?.[1];
  return unitSeconds === undefined
    ? refuse(context, 'must be <requests>/<window> with a window in s, m or h, or "off"')
    : { requests: Number(requests), windowSeconds: Number(count) * unitSeconds };
}

export function parseOrigins(text: string, context: Context): CorsOrigins {
  if (text.trim() === '*') return '*';
  const origins = listOf(text);
  return origins.every(isOrigin)
    ? origins
    : refuse(context, 'must be a comma-separated list of origins (scheme, host and port alone), or *');
}

/** Only what a browser would send in `Origin` can ever be equal to it: no path, no slash at the end, lower case. */
function isOrigin(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text;
}

export function parseProxies(text: string, context: Context): readonly string[] {
  const proxies = listOf(text);
  return proxies.every(isAddressOrBlock)
    ? proxies
    : refuse(context, 'must be a comma-separated list of IP addresses and CIDR blocks');
}

function isAddressOrBlock(text: string): boolean {
  const [address = '', length, ...more] = text.split('/');
  const family = address.includes('%') ? 0 : isIP(address);
  if (family === 0 || more.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128));
}

/** Rules about where HTTP nodes may call. */
export function parseDestinations(text: string, context: Context): readonly DestinationRule[] {
  const written = listOf(text);
  const rules = written.flatMap((one) => tryParseDestinationRule(one) ?? []);
  return rules.length === written.length
    ? rules
    : refuse(
        context,
        'must be a comma-separated list of hosts, *.hosts, IP addresses and CIDR blocks, each with a :port or without',
      );
}

function listOf(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}
