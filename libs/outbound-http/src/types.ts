import type { AbortSignalLike } from '#libs/node-kit';

export interface OutboundRequest {
  /** Upper case, e.g. `POST`. */
  readonly method: string;
  /** http or https, without user and password. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignalLike;
  /** For everything together: connecting, redirects, the whole body. Default 30,000. */
  readonly timeoutMs?: number;
  /** Of the body, as sent and after decompression. Default 10 MiB. */
  readonly maxResponseBytes?: number;
  /** At most 5 are followed. Default true; when false, a 3xx is the response. */
  readonly followRedirects?: boolean;
}

export interface OutboundResponse {
  readonly status: number;
  /** Names in lower case; a header that came several times is a list. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** Decompressed. */
  readonly body: Buffer;
  /** Where the response came from, after redirects. */
  readonly url: string;
}

/** Calls the outside world. Rejects with OutboundHttpError alone; any status is a response, not an error. */
export interface OutboundHttp extends AsyncDisposable {
  request(request: OutboundRequest): Promise<OutboundResponse>;
}
