import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { tryParseHost, type Destination } from './destination-rule.ts';
import { refusalOfAnswer, type ResolveAll } from './guarded-lookup.ts';
import type { Wall } from './wall.ts';

/**
 * The addresses that a connection to `to` may be made to, each of them judged; connect to these and resolve nothing again
 * (`createPinnedLookup`). Rejects with DestinationRefused, or with the resolver's error, which has a `code`: `ENOTFOUND` also
 * for what is no host at all.
 */
export async function resolveWithin(
  wall: Wall,
  to: Destination,
  resolveAll: ResolveAll = systemLookup,
): Promise<readonly LookupAddress[]> {
  const host = tryParseHost(to.host);
  if (host === undefined) throw Object.assign(new Error('this is not the name of a host'), { code: 'ENOTFOUND' });
  const destination = { host, port: to.port };
  const refusal = wall.refusalOf(destination);
  if (refusal) throw refusal;
  const family = isIP(host);
  if (family !== 0) return [{ address: host, family }];
  const addresses = await askFor(host, resolveAll);
  const failure = refusalOfAnswer(wall, destination, addresses);
  if (failure) throw failure;
  return addresses;
}

function askFor(host: string, resolveAll: ResolveAll): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    resolveAll(host, { all: true }, (error, addresses) => {
      if (error) reject(error);
      else resolve(addresses);
    });
  });
}
