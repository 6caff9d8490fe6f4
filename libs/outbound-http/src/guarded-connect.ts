import { createGuardedLookup, withoutDots, type Destination, type ResolveAll, type Wall } from '#libs/outbound-wall';
import { buildConnector } from 'undici';

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Opens the sockets, and is the only place that judges where to: what it checked is what it connects to, whatever the URL
 * was written like and whatever a name resolves to a moment later.
 */
export function createGuardedConnect(wall: Wall, resolveAll?: ResolveAll): buildConnector.connector {
  // node does not tell `lookup` the port, so a port that rules name has a connector of its own.
  const connectorTo = (port: number) =>
    buildConnector({
      allowH2: false,
      timeout: CONNECT_TIMEOUT_MS,
      lookup: createGuardedLookup({ wall, port, ...(resolveAll ? { resolveAll } : {}) }),
    });
  const connectors = new Map([...wall.ports].map((port) => [port, connectorTo(port)]));
  const connectElsewhere = connectorTo(UNNAMED_PORT);
  return (options, callback) => {
    const to = destinationOf(options);
    const refusal = wall.refusalOf(to);
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
