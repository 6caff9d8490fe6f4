import { NodeError } from '#libs/node-kit';
import type { Fields, HttpRequestConfig } from './config.ts';

/** The parts of a request as they go onto the wire. */
export interface RequestParts {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
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
  if (!url) throw invalid('the URL is not one');
  for (const [name, value] of pairsOf(config.query)) url.searchParams.append(name, value);
  return url.href;
}

function bodyOf(config: HttpRequestConfig): { readonly body?: string; readonly contentType?: string } {
  const { json, form, text } = config;
  if ([json, form, text].filter((body) => body !== undefined).length > 1) throw invalid('a request has one body');
  if (json !== undefined) return { body: JSON.stringify(json), contentType: 'application/json' };
  if (text !== undefined) return { body: text, contentType: 'text/plain; charset=utf-8' };
  if (form === undefined) return {};
  return { body: new URLSearchParams(pairsOf(form)).toString(), contentType: 'application/x-www-form-urlencoded' };
}

function pairsOf(fields: Fields): [string, string][] {
  return Object.entries(fields).flatMap(([name, value]) =>
    [value].flat().flatMap((one): [string, string][] => (one === null ? [] : [[name, String(one)]])),
  );
}

function invalid(message: string): NodeError {
  return new NodeError('HTTP_INVALID_REQUEST', message, { retryable: false });
}
