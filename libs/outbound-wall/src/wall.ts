import { isIP } from 'node:net';
import { isDeniedName, isOwnNetworkAddress, isPublicAddress } from './address-wall.ts';
import { DestinationRefused } from './destination-refused.ts';
import {
  holdsAddress,
  namesHost,
  namesPort,
  touchesAddress,
  type Destination,
  type DestinationRule,
} from './destination-rule.ts';

/** What an installation says of where its workflows may call. */
export interface DestinationLists {
  /** Lifts the check whether an address is public; `deny` holds none the less. */
  readonly allowPrivateNetwork: boolean;
  /** What is reachable though it is not public, and though `deny` has `*`. */
  readonly allow?: readonly DestinationRule[];
  /** Never reachable, whatever `allow` has; but `*` without a port means all that `allow` does not name. */
  readonly deny?: readonly DestinationRule[];
}

/** Where connections may lead. */
export interface Wall {
  /** Ports that rules name. All others are alike. */
  readonly ports: ReadonlySet<number>;
  /** What can be said of a host before a name of it is resolved; all of it where it is written as an address. */
  refusalOf(to: Destination): DestinationRefused | undefined;
  /** Why a name may not even be resolved. */
  refusalOfName(to: Destination): DestinationRefused | undefined;
  /** Why a connection to a host may not be made that is, or resolved to, these addresses. One bad address is enough. */
  refusalOfAddresses(to: Destination, addresses: readonly string[]): DestinationRefused | undefined;
}

export function createWall({ allowPrivateNetwork, allow = [], deny = [] }: DestinationLists): Wall {
  const denied = deny.filter((rule) => !isRest(rule));
  const rest = deny.find(isRest);
  const closedTo = (to: Destination) => (allow.some((rule) => coversHost(rule, to)) ? undefined : rest);

  const refusalOfAddress = (to: Destination, address: string): DestinationRefused | undefined => {
    const rule = denied.find((one) => coversHost(one, to) || touchesAddress(one, address, to.port));
    if (rule) return deniedBy(rule, to);
    if (allow.some((one) => holdsAddress(one, address, to.port))) return undefined;
    const closed = closedTo(to);
    if (closed) return deniedBy(closed, to);
    if (allowPrivateNetwork || isPublicAddress(address)) return undefined;
    // Whoever owns a name may let it lead anywhere, so it opens networks and not this machine, its link or its cloud.
    return isOwnNetworkAddress(address) && allow.some((one) => namesHost(one, to)) ? undefined : notPublic(to);
  };

  const wall: Wall = {
    ports: new Set([...allow, ...deny].flatMap(({ port }) => port ?? [])),
    refusalOf: (to) => (isIP(to.host) === 0 ? wall.refusalOfName(to) : wall.refusalOfAddresses(to, [to.host])),
    refusalOfName: (to) => {
      const rule = denied.find((one) => coversHost(one, to));
      if (rule) return deniedBy(rule, to);
      const closed = closedTo(to);
      if (closed && !allow.some((one) => one.kind === 'block' && namesPort(one, to.port))) return deniedBy(closed, to);
      const isOpen = allowPrivateNetwork || !isDeniedName(to.host) || allow.some((one) => namesHost(one, to));
      return isOpen ? undefined : notPublic(to);
    },
    refusalOfAddresses: (to, addresses) =>
      addresses.map((address) => refusalOfAddress(to, address)).find((refusal) => refusal !== undefined),
  };
  return wall;
}

function isRest({ kind, port }: DestinationRule): boolean {
  return kind === 'all' && port === undefined;
}

/** By its name or, with `*`, by its port alone. */
function coversHost(rule: DestinationRule, to: Destination): boolean {
  return rule.kind === 'all' ? namesPort(rule, to.port) : namesHost(rule, to);
}

function deniedBy(rule: DestinationRule, { host }: Destination): DestinationRefused {
  const { text } = rule;
  const remedy = isRest(rule)
    ? 'whoever operates Millrace can name it in MILLRACE_OUTBOUND_ALLOW'
    : 'whoever operates Millrace can change that rule';
  const message = `${host} is denied by the rule "${text}" of MILLRACE_OUTBOUND_DENY; ${remedy}`;
  return new DestinationRefused('DESTINATION_DENIED', message);
}

function notPublic({ host }: Destination): DestinationRefused {
  return new DestinationRefused(
    'NETWORK_NOT_ALLOWED',
    `${host} is not on the public internet, and private networks are not allowed; whoever operates Millrace can name ` +
      'it, or the address that it resolves to, in MILLRACE_OUTBOUND_ALLOW',
  );
}
