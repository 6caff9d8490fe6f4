import { createPinnedLookup, resolveWithin, tryParseHost, type ResolveAll, type Wall } from '#libs/outbound-wall';
import { ImapFlow, type ImapFlowOptions } from 'imapflow';
import type { LookupAddress } from 'node:dns';
import { InboxTrouble } from './trouble.ts';
import type { InboxServer } from './types.ts';

export interface Route {
  readonly server: InboxServer;
  readonly wall: Wall;
  readonly resolveAll: ResolveAll | undefined;
  readonly connectMs: number;
  /** Longest silence of a connection that idles. */
  readonly idleMs: number;
  /** Largest message that is fetched. */
  readonly messageBytes: number;
}

/** What a server may say besides a message, in one answer; a list of flags may be long. */
const ANSWER_BYTES = 1024 * 1024;

/** A client that connects to one of the addresses that were judged and to nothing else. It is not connected yet. */
export async function createClient(route: Route, signal: AbortSignal): Promise<{ client: ImapFlow; secret: string }> {
  const { server, wall, resolveAll, connectMs } = route;
  const addresses = await within(connectMs, signal, resolveWithin(wall, server, resolveAll));
  const { username, password, accessToken } = server;
  const token = password === undefined ? await within(connectMs, signal, tokenFrom(accessToken)) : undefined;
  const client = new ImapFlow({
    ...optionsOf(route, addresses),
    auth: { user: username, ...(token === undefined ? { pass: password } : { accessToken: token }) },
  });
  return { client, secret: token ?? password ?? '' };
}

async function tokenFrom(accessToken: InboxServer['accessToken']): Promise<string> {
  try {
    return (await accessToken?.()) ?? '';
  } catch (cause) {
    throw new InboxTrouble('TOKEN_FAILED', 'there is no token to sign in with', { cause });
  }
}

/** Waits for what cannot be called back; what comes later is dropped. */
async function within<Value>(ms: number, signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  const { promise: over, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(new InboxTrouble('IMAP_TIMEOUT', 'there was no address, or no token, in time'));
  const timer = setTimeout(giveUp, ms);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

function optionsOf(
  { server, connectMs, idleMs, messageBytes }: Route,
  addresses: readonly LookupAddress[],
): ImapFlowOptions {
  const { host, port, secure, requireTls = true, rejectUnauthorized = true, ca } = server;
  return {
    host: tryParseHost(host) ?? host,
    port,
    secure,
    ...(secure || !requireTls ? {} : { doSTARTTLS: true }),
    tls: {
      // node resolves no host that is an address, and asks this for all others.
      lookup: createPinnedLookup(addresses),
      minVersion: 'TLSv1.2',
      rejectUnauthorized,
      ...(ca === undefined ? {} : { ca }),
    },
    connectionTimeout: connectMs,
    greetingTimeout: connectMs,
    socketTimeout: idleMs,
    maxLiteralSize: messageBytes,
    maxLineLength: ANSWER_BYTES,
    maxResponseSize: messageBytes + ANSWER_BYTES,
    // The watch says itself when to idle, and wants no more of the server than it needs.
    disableAutoIdle: true,
    disableAutoEnable: true,
    disableCompression: true,
    clientInfo: { name: 'Millrace', version: false, vendor: false, 'support-url': false },
    logger: false,
  };
}
