import { lookup as systemLookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { withoutDots } from './destination-rule.ts';
import type { Wall } from './wall.ts';

/** dns.lookup's signature as far as it is needed. */
export type ResolveAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * A `lookup` for sockets that go to one port, which node does not tell it. node never asks it about an address that is
 * written as one: those are judged before, by `refusalOf`. One private address among several is enough to refuse: which of
 * them would be connected to is a matter of luck.
 */
export function createGuardedLookup(on: {
  readonly wall: Wall;
  readonly port: number;
  /** Default the system's resolver. */
  readonly resolveAll?: ResolveAll;
}): LookupFunction {
  const { wall, port, resolveAll = systemLookup } = on;
  return (hostname, options, callback) => {
    resolveAll(hostname, { ...options, all: true }, (error, addresses) => {
      const failure = error ?? refusalOfAnswer(wall, { host: withoutDots(hostname), port }, addresses);
      if (failure) callback(failure, '', 0);
      else answer(addresses, options.all, callback);
    });
  };
}

/** A `lookup` that says what is known already, so that a socket connects to nothing else. */
export function createPinnedLookup(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, { all }, callback) => answer([...addresses], all, callback);
}

/** Why a name may not be connected to that was found to have these addresses; that it has none is a reason too. */
export function refusalOfAnswer(
  wall: Wall,
  to: { readonly host: string; readonly port: number },
  addresses: readonly LookupAddress[] | undefined,
): Error | undefined {
  if (!addresses?.length) return Object.assign(new Error('the name has no address'), { code: 'ENOTFOUND' });
  return wall.refusalOfAddresses(
    to,
    addresses.map(({ address }) => address),
  );
}

function answer(addresses: LookupAddress[], all: boolean | undefined, callback: Parameters<LookupFunction>[2]): void {
  const [first] = addresses;
  if (all === true) callback(null, addresses);
  else callback(null, first?.address ?? '', first?.family ?? 0);
}
