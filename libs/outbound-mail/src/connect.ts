import { createPinnedLookup, DestinationRefused, resolveWithin, type ResolveAll, type Wall } from '#libs/outbound-wall';
import type { LookupAddress } from 'node:dns';
import { connect, type Socket } from 'node:net';
import { OutboundMailError } from './errors.ts';
import { stoppedError, type Stop } from './stop.ts';

export interface Timeouts {
  /** Default 10,000. */
  readonly dnsMs: number;
  /** For the TCP connection, and again for TLS and the greeting. Default 10,000. */
  readonly connectMs: number;
  /** From the TCP connection to the greeting. Default 10,000. */
  readonly greetingMs: number;
  /** Without a byte to or from the server. Default 60,000. */
  readonly socketMs: number;
}

export interface Route {
  readonly wall: Wall;
  readonly resolveAll: ResolveAll | undefined;
  readonly timeouts: Timeouts;
}

/** What an address gets before the next one is tried as well; a far server takes longer than node's default of 250 ms. */
const ATTEMPT_MS = 1_000;

/** A connection to a server, to one of the addresses that were judged and to nothing else. */
export async function connectWithin(
  { wall, resolveAll, timeouts }: Route,
  to: { readonly host: string; readonly port: number },
  stop: Stop,
): Promise<Socket> {
  const addresses = await within<readonly LookupAddress[]>(timeouts.dnsMs, stop, ({ resolve, reject }) => {
    resolveWithin(wall, to, resolveAll).then(resolve, (error: unknown) => reject(unreachable(error)));
    // A look-up cannot be called back; what it finds later is dropped.
    return () => undefined;
  });
  return within<Socket>(timeouts.connectMs, stop, ({ resolve, reject }) =>
    openSocket(addresses, to, { resolve, reject }),
  );
}

interface Settle<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: OutboundMailError) => void;
}

function openSocket(
  addresses: readonly LookupAddress[],
  { host, port }: { readonly host: string; readonly port: number },
  { resolve, reject }: Settle<Socket>,
): () => void {
  const [only] = addresses;
  const socket =
    addresses.length === 1 && only
      ? connect({ host: only.address, port })
      : connect({
          host,
          port,
          lookup: createPinnedLookup(addresses),
          autoSelectFamily: true,
          autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
        });
  const onError = (error: unknown) => reject(unreachable(error));
  socket.once('error', onError);
  socket.once('connect', () => {
    socket.removeListener('error', onError);
    resolve(socket);
  });
  return () => {
    socket.on('error', () => undefined);
    socket.destroy();
  };
}

/** Runs one step of connecting, at most this long; `begin` returns how to end it when it is not wanted any more. */
function within<Value>(ms: number, stop: Stop, begin: (settle: Settle<Value>) => () => void): Promise<Value> {
  return new Promise((resolve, reject) => {
    const fail = (error: OutboundMailError) => {
      clearTimeout(timer);
      stop.onStop = undefined;
      end();
      reject(error);
    };
    const succeed = (value: Value) => {
      clearTimeout(timer);
      stop.onStop = undefined;
      resolve(value);
    };
    const timer = setTimeout(() => fail(tooLong(ms)), ms);
    const end = begin({ resolve: succeed, reject: fail });
    stop.onStop = () => fail(stoppedError(stop.reason ?? 'aborted', 'connect', false));
    if (stop.reason) stop.onStop();
  });
}

function tooLong(ms: number): OutboundMailError {
  return new OutboundMailError('SMTP_TIMEOUT', `no connection to the server within ${ms} ms`, {
    retryable: true,
    phase: 'connect',
    reason: 'ETIMEDOUT',
  });
}

function unreachable(error: unknown): OutboundMailError {
  if (error instanceof DestinationRefused) {
    return new OutboundMailError(error.code, error.message, { retryable: false, phase: 'connect' });
  }
  const reason = codeOf(error);
  return new OutboundMailError('SMTP_CONNECT', `could not connect to the server: ${reason}`, {
    retryable: true,
    phase: 'connect',
    reason,
  });
}

function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown';
}
