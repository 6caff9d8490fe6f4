import { OutboundHttpError } from './errors.ts';
import type { OutboundRequest } from './types.ts';

/** One request on the wire; redirects make several of one. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
}

const METHOD = /^[A-Z]+$/;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** They belong to the connection or say where it leads; a request that set them could smuggle another one. */
const CONNECTION_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
/** All that follows to another origin: whatever else was set may be a secret that was meant for the first one alone. */
const HEADERS_FOR_ANYONE = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'content-encoding',
  'content-language',
  'content-type',
  'user-agent',
]);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Throws OutboundHttpError INVALID_REQUEST for what must not be sent. */
export function firstHop(request: OutboundRequest): Hop {
  if (!METHOD.test(request.method) || request.method === 'CONNECT' || request.method === 'TRACE') {
    throw invalid(`the method "${request.method.slice(0, 16)}" cannot be sent`);
  }
  const headers = Object.fromEntries(
    Object.entries(request.headers ?? {}).map(([name, value]) => [checkHeader(name, value), value]),
  );
  return { url: parseUrl(request.url, 'the URL'), method: request.method, headers, body: request.body ?? null };
}

/** The hop that a redirect asks for, or undefined when the response is to be taken as it is. */
export function nextHop(hop: Hop, status: number, location: string | undefined): Hop | undefined {
  if (!REDIRECTS.has(status) || location === undefined) return undefined;
  const url = parseUrl(location, 'the URL redirected to', hop.url);
  const asGet = becomesGet(hop.method, status);
  const sameOrigin = url.origin === hop.url.origin;
  const headers = Object.fromEntries(
    Object.entries(hop.headers).filter(
      ([name]) => (sameOrigin || HEADERS_FOR_ANYONE.has(name)) && !(asGet && name.startsWith('content-')),
    ),
  );
  return { url, method: asGet ? 'GET' : hop.method, headers, body: asGet ? null : hop.body };
}

/** As browsers do it (Fetch standard, HTTP-redirect fetch). */
function becomesGet(method: string, status: number): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD';
  return (status === 301 || status === 302) && method === 'POST';
}

function parseUrl(text: string, what: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (!url) throw invalid(`${what} is not one`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw invalid(`${what} has the scheme "${url.protocol.slice(0, 32)}"; http and https are allowed`);
  }
  if (url.username !== '' || url.password !== '') throw invalid(`${what} holds a user or a password; use a header`);
  return url;
}

function checkHeader(name: string, value: string): string {
  const lower = name.toLowerCase();
  if (!HEADER_NAME.test(name)) throw invalid(`${JSON.stringify(name.slice(0, 64))} is not a header name`);
  if (CONNECTION_HEADERS.has(lower) || lower.startsWith('proxy-')) throw invalid(`the header "${lower}" cannot be set`);
  if (!HEADER_VALUE.test(value))
    throw invalid(`the value of the header "${lower}" holds a character that a header must not have`);
  return lower;
}

function invalid(message: string): OutboundHttpError {
  return new OutboundHttpError('INVALID_REQUEST', message);
}
