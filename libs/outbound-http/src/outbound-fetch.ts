import type { AbortSignalLike } from '#libs/node-kit';
import { OutboundHttpError } from './errors.ts';
import type { OutboundHttp, OutboundResponse, SecretHeaders } from './types.ts';

export interface OutboundFetchOptions {
  /** Headers that only some hosts may see; asked for with each request, and no redirect takes them along. */
  readonly secret?: () => SecretHeaders | Promise<SecretHeaders>;
  /** Ends every request, beside the signal that a request has itself. */
  readonly signal?: AbortSignalLike;
  /** For each request with all that belongs to it. Default 30,000. */
  readonly timeoutMs?: number;
  readonly maxResponseBytes?: number;
}

/**
 * `fetch` for SDKs, over the client that knows where it may go: none of them opens a connection by itself. Rejects with
 * OutboundHttpError, redirects are followed unless the request says `manual` or `error`, and the body of the answer is there as a whole.
 */
export function outboundFetch(http: OutboundHttp, options: OutboundFetchOptions = {}): typeof globalThis.fetch {
  const { secret, signal, ...bounds } = options;
  return async (input, init) => {
    const request = new Request(input, init);
    const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
    const response = await http.request({
      ...bounds,
      method: request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      ...(secret ? { secret: await secret() } : {}),
      ...(body === undefined ? {} : { body }),
      signal: signal ? AbortSignal.any([request.signal, realSignalOf(signal)]) : request.signal,
      followRedirects: request.redirect === 'follow',
    });
    if (request.redirect === 'error' && isRedirect(response)) {
      throw new OutboundHttpError('TOO_MANY_REDIRECTS', 'the answer leads elsewhere, and is not to be followed');
    }
    const answer = new Response(isBodyless(response.status) ? null : new Uint8Array(response.body), {
      status: response.status,
      headers: headersOf(response.headers),
    });
    // A Response made by hand has no URL, and SDKs log or compare it.
    Object.defineProperty(answer, 'url', { value: response.url });
    return answer;
  };
}

function isRedirect({ status, headers }: OutboundResponse): boolean {
  return status >= 300 && status < 400 && headers['location'] !== undefined;
}

/** Statuses that the Fetch standard knows no body with. */
function isBodyless(status: number): boolean {
  return status === 101 || status === 204 || status === 205 || status === 304;
}

/** What was decompressed on the way is not announced as compressed. */
function headersOf(received: Readonly<Record<string, string | readonly string[]>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(received)) {
    if (name === 'content-encoding' || name === 'content-length') continue;
    for (const one of [value].flat()) headers.append(name, one);
  }
  return headers;
}

function realSignalOf(signal: AbortSignalLike): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  const controller = new AbortController();
  if (signal.aborted) controller.abort(signal.reason);
  else signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
  return controller.signal;
}
