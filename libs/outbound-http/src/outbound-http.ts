import { createWall, type DestinationLists, type ResolveAll } from '#libs/outbound-wall';
import { Agent, type Dispatcher } from 'undici';
import { ACCEPTED_ENCODINGS, decodeBody } from './decode-body.ts';
import { OutboundHttpError } from './errors.ts';
import { exchange, type RawResponse } from './exchange.ts';
import { createGuardedConnect } from './guarded-connect.ts';
import { firstHop, nextHop, type Hop } from './hop.ts';
import { Stop } from './stop.ts';
import type { OutboundHttp, OutboundRequest, OutboundResponse } from './types.ts';

export const OUTBOUND_HTTP_DEFAULTS = {
  timeoutMs: 30_000,
  maxResponseBytes: 10 * 1_048_576,
  maxRedirects: 5,
  connectionsPerOrigin: 128,
  maxOrigins: 1_024,
  maxHeaderBytes: 16_384,
} as const;

export interface OutboundHttpOptions extends DestinationLists {
  /** Default 128; requests above wait for a connection within their own time. */
  readonly connectionsPerOrigin?: number;
  /** Origins with open connections at a time, default 1,024; a request to one more fails with CONNECT_FAILED. */
  readonly maxOrigins?: number;
  /** How names become addresses; default the system's resolver. */
  readonly resolveAll?: ResolveAll;
}

/** A client with its own pool of connections; one a process. Dispose it to end what is under way and to close them. */
export function createOutboundHttp(options: OutboundHttpOptions): OutboundHttp {
  const agent = new Agent({
    connect: createGuardedConnect(createWall(options), options.resolveAll),
    connections: options.connectionsPerOrigin ?? OUTBOUND_HTTP_DEFAULTS.connectionsPerOrigin,
    maxOrigins: options.maxOrigins ?? OUTBOUND_HTTP_DEFAULTS.maxOrigins,
    maxHeaderSize: OUTBOUND_HTTP_DEFAULTS.maxHeaderBytes,
    pipelining: 1,
    allowH2: false,
    // Every request has a time of its own for all of it (Stop), which undici's two timers would only double.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return {
    request: (request) => send(agent, request),
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

async function send(dispatcher: Dispatcher, request: OutboundRequest): Promise<OutboundResponse> {
  const first = firstHop(request);
  const stop = new Stop(request.timeoutMs ?? OUTBOUND_HTTP_DEFAULTS.timeoutMs, request.signal);
  try {
    const maxBytes = request.maxResponseBytes ?? OUTBOUND_HTTP_DEFAULTS.maxResponseBytes;
    const { hop, response } = await follow(withEncodings(first), request.followRedirects ?? true, (hop) =>
      exchange(dispatcher, hop, stop, maxBytes),
    );
    const body = await decodeBody(response.body, listOf(response.headers['content-encoding']), maxBytes);
    if (stop.error) throw stop.error;
    return { status: response.status, headers: present(response.headers), body, url: hop.url.href };
  } finally {
    stop.release();
  }
}

async function follow(
  first: Hop,
  followRedirects: boolean,
  exchangeHop: (hop: Hop) => Promise<RawResponse>,
): Promise<{ readonly hop: Hop; readonly response: RawResponse }> {
  let hop = first;
  for (let redirects = 0; redirects <= OUTBOUND_HTTP_DEFAULTS.maxRedirects; redirects++) {
    const response = await exchangeHop(hop);
    const next = followRedirects ? nextHop(hop, response.status, textOf(response.headers.location)) : undefined;
    if (!next) return { hop, response };
    hop = next;
  }
  throw new OutboundHttpError('TOO_MANY_REDIRECTS', `more than ${OUTBOUND_HTTP_DEFAULTS.maxRedirects} redirects`);
}

function withEncodings(hop: Hop): Hop {
  if (hop.headers['accept-encoding'] !== undefined) return hop;
  return { ...hop, headers: { ...hop.headers, 'accept-encoding': ACCEPTED_ENCODINGS } };
}

function textOf(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function listOf(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join(',') : (header ?? '');
}

function present(headers: RawResponse['headers']): Record<string, string | string[]> {
  const named: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) named[name.toLowerCase()] = value;
  return named;
}
