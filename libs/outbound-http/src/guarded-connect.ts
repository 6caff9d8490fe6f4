import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { withoutDots, type Destination } from './destination-rule.ts';
import type { Wall } from './wall.ts';

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
  // node does not tell `lookup` the port, so a port that rules name has a connector of its own.
  const connectorTo = (port: number) =>
    buildConnector({ allowH2: false, timeout: CONNECT_TIMEOUT_MS, lookup: guardLookup({ wall, port, resolveAll }) });
  const connectors = new Map([...wall.ports].map((port) => [port, connectorTo(port)]));
  const connectElsewhere = connectorTo(UNNAMED_PORT);
  return (options, callback) => {
    const to = destinationOf(options);
    // node never asks `lookup` about an address that is written as one, so these are judged here.
    const refusal = isIP(to.host) === 0 ? wall.refusalOfName(to) : wall.refusalOfAddresses(to, [to.host]);
    if (refusal) callback(refusal, null);
    else (connectors.get(to.port) ?? connectElsewhere)(options, callback);
  };
}

/** Stands for all ports that no rule names; none can name this one. */
const UNNAMED_PORT = 0;

function destinationOf({ hostname, port, protocol }: buildConnector.Options): Destination {
  const host = withoutDots(hostname.replace(/^\[|\]$/g, ''));
  return { host, port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}

/** One private address among several is enough to refuse: which of them would be connected to is a matter of luck. */
function guardLookup(on: {
  readonly wall: Wall;
  readonly port: number;
  readonly resolveAll: ResolveAll;
}): LookupFunction {
  const { wall, port, resolveAll } = on;
  return (hostname, options, callback) => {
    resolveAll(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) {
        callback(error ?? Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND' }), '', 0);
        return;
      }
      const to = { host: withoutDots(hostname), port };
      const refusal = wall.refusalOfAddresses(
        to,
        addresses.map(({ address }) => address),
      );
      if (refusal) callback(refusal, '', 0);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
