import { OutboundHttpError } from './errors.ts';
import type { OutboundRequest, SecretHeaders } from './types.ts';

/** One request on the wire; redirects make several of one. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent beside the headers; none of them is among those. */
  readonly secret: SecretHeaders | undefined;
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
  'idempotency-key',
  'user-agent',
]);
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Throws OutboundHttpError INVALID_REQUEST for what must not be sent. */
export function firstHop(request: OutboundRequest): Hop {
  if (!METHOD.test(request.method) || request.method === 'CONNECT' || request.method === 'TRACE') {
    throw invalid(`the method "${request.method.slice(0, 16)}" cannot be sent`);
  }
  const { method, body = null } = request;
  return { url: parseUrl(request.url, 'the URL'), method, ...checkedParts(request), body };
}

/** Secret headers take the place of others of the same name. */
function checkedParts({ headers = {}, secret }: OutboundRequest): Pick<Hop, 'headers' | 'secret'> {
  const checked = checkedHeaders(headers);
  if (!secret) return { headers: checked, secret };
  const hidden = checkedHeaders(secret.headers);
  const open = Object.entries(checked).filter(([name]) => !Object.hasOwn(hidden, name));
  return { headers: Object.fromEntries(open), secret: { headers: hidden, mayBeSentTo: secret.mayBeSentTo } };
}

/** All headers of a hop as they go onto the wire. Throws OutboundHttpError when its host must not see a secret one. */
export function headersOf({ url, headers, secret }: Hop): Readonly<Record<string, string>> {
  if (!secret) return headers;
  if (secret.mayBeSentTo(url.hostname)) return { ...headers, ...secret.headers };
  const message = `the secret of this request is not for the host ${url.hostname}`;
  throw new OutboundHttpError('SECRET_HOST_NOT_ALLOWED', message);
}

/** The hop that a redirect asks for, or undefined when the response is to be taken as it is. */
export function nextHop(hop: Hop, status: number, location: string | undefined): Hop | undefined {
  if (!REDIRECTS.has(status) || location === undefined) return undefined;
  const url = parseUrl(location, 'the URL redirected to', hop.url);
  const asGet = becomesGet(hop.method, status);
  const sameOrigin = url.origin === hop.url.origin;
  const headers = Object.fromEntries(
    Object.entries(sameOrigin ? hop.headers : headersForAnyone(hop.headers)).filter(
      ([name]) => !(asGet && name.startsWith('content-')),
    ),
  );
  const secret = sameOrigin ? hop.secret : undefined;
  return { url, method: asGet ? 'GET' : hop.method, headers, secret, body: asGet ? null : hop.body };
}

/** The headers, named in lower case, that may go along to another origin. */
export function headersForAnyone(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => HEADERS_FOR_ANYONE.has(name)));
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

/** Their names in lower case. */
function checkedHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [checkHeader(name, value), value]));
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
