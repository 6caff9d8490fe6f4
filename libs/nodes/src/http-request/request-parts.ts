import type { HttpRequestConfig } from './config.ts';
import { invalidRequest } from '../http-exchange/failures.ts';
import { bodyOf, pairsOf } from './request-body.ts';

/** The parts of a request as they go onto the wire. */
export interface RequestParts {
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
}

/** Throws NodeError HTTP_INVALID_REQUEST when the evaluated config cannot be sent. */
export function requestParts(
  config: HttpRequestConfig,
  { userAgent, idempotencyKey }: { readonly userAgent: string; readonly idempotencyKey: string },
): RequestParts {
  const { body, contentType } = bodyOf(config);
  const defaults: [string, string][] = [
    ['user-agent', userAgent],
    ['accept', config.response === 'json' ? 'application/json' : '*/*'],
  ];
  if (config.idempotencyKey) defaults.push(['idempotency-key', idempotencyKey]);
  if (contentType !== undefined) defaults.push(['content-type', contentType]);
  return { url: urlOf(config), headers: Object.fromEntries([...defaults, ...headersOf(config)]), body };
}

function headersOf(config: HttpRequestConfig): [string, string][] {
  return Object.entries(config.headers ?? {}).flatMap(([name, value]): [string, string][] =>
    value === null ? [] : [[name.toLowerCase(), String(value)]],
  );
}

function urlOf(config: HttpRequestConfig): string {
  if (config.query === undefined) return config.url;
  const url = URL.parse(config.url);
  if (!url) throw invalidRequest('the URL is not one');
  for (const [name, value] of pairsOf(config.query)) url.searchParams.append(name, value);
  return url.href;
}
