import type { AbortSignalLike } from '#libs/node-kit';

/** Headers that only some may see: they go to the origin of the URL, and no redirect takes them to another. */
export interface SecretHeaders {
  /** They take the place of headers of the same name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether a host, written as in `URL.hostname`, may see them; the request fails when it is sent to another. */
  readonly mayBeSentTo: (host: string) => boolean;
}

export interface OutboundRequest {
  /** Upper case, e.g. `POST`. */
  readonly method: string;
  /** http or https, without user and password. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly secret?: SecretHeaders;
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
