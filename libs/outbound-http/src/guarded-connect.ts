import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import type { Wall } from './address-wall.ts';
import { OutboundHttpError } from './errors.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/** dns.lookup's signature as far as it is needed. */
export type ResolveAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Opens the sockets, and is the only place that judges where to: what it checked is what it connects to, whatever the URL
 * was written like and whatever a name resolves to a moment later.
 */
export function createGuardedConnect(wall: Wall, resolveAll: ResolveAll = systemLookup): buildConnector.connector {
  const lookup = guardLookup(wall, resolveAll);
  const connect = buildConnector({ allowH2: false, timeout: CONNECT_TIMEOUT_MS, lookup });
  return (to, callback) => {
    // node never asks `lookup` about an address that is written as one, so these are judged here.
    const host = to.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) === 0 ? wall.allowsName(host) : wall.allowsAddress(host)) connect(to, callback);
    else callback(notAllowed(host), null);
  };
}

/** One private address among several is enough to refuse: which of them would be connected to is a matter of luck. */
function guardLookup(wall: Wall, resolveAll: ResolveAll): LookupFunction {
  return (hostname, options, callback) => {
    resolveAll(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) {
        callback(error ?? Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND' }), '', 0);
      } else if (!addresses.every(({ address }) => wall.allowsAddress(address))) {
        callback(notAllowed(hostname), '', 0);
      } else if (options.all === true) {
        callback(null, addresses);
      } else {
        callback(null, first.address, first.family);
      }
    });
  };
}

function notAllowed(host: string): OutboundHttpError {
  return new OutboundHttpError(
    'NETWORK_NOT_ALLOWED',
    `${host} is not on the public internet, and private networks are not allowed`,
  );
}
