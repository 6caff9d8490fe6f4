import { isJsonObject } from '#libs/kernel';
import { headersForAnyone, type SecretHeaders } from '#libs/outbound-http';
import type { HttpRequestConfig } from './config.ts';
import { invalidRequest } from '../http-exchange/failures.ts';
import type { PageMark } from './next-page.ts';
import type { PageParameter } from './paging-config.ts';
import { requestParts, type RequestParts } from './request-parts.ts';

export interface NodeRequest extends RequestParts {
  readonly secret: SecretHeaders | undefined;
}

export interface Caller {
  readonly userAgent: string;
  readonly idempotencyKey: string;
  readonly secret: SecretHeaders | undefined;
}

/** The request for a page. One at another origin than the first gets what a redirect there would get, and no credential. */
export function pageRequest(
  config: HttpRequestConfig,
  { mark, number }: { readonly mark: PageMark; readonly number: number },
  { secret, ...caller }: Caller,
): NodeRequest {
  // Each page is work of its own: a server that knows the key would answer with the first page again.
  const idempotencyKey = number === 1 ? caller.idempotencyKey : `${caller.idempotencyKey}-${number}`;
  const parts = requestParts(withValue(config, mark), { ...caller, idempotencyKey });
  if (mark.kind !== 'url') return { ...parts, secret };
  const isElsewhere = URL.parse(mark.url)?.origin !== URL.parse(parts.url)?.origin;
  const { headers } = parts;
  return isElsewhere
    ? { ...parts, url: mark.url, headers: headersForAnyone(headers), secret: undefined }
    : { ...parts, url: mark.url, secret };
}

function withValue(config: HttpRequestConfig, mark: PageMark): HttpRequestConfig {
  const { paging } = config;
  if (mark.kind !== 'value' || !paging || !('param' in paging)) return config;
  return paging.in === 'json' ? withField(config, paging, mark.value) : withQuery(config, paging, mark.value);
}

function withField(config: HttpRequestConfig, { param }: PageParameter, value: string | number): HttpRequestConfig {
  if (!isJsonObject(config.json))
    throw invalidRequest('the parameter of the page goes into json, which is not an object');
  return { ...config, json: { ...config.json, [param]: value } };
}

/** Takes the place of one of that name. */
function withQuery(config: HttpRequestConfig, { param }: PageParameter, value: string | number): HttpRequestConfig {
  const url = URL.parse(config.url);
  if (!url) throw invalidRequest('the URL is not one');
  url.searchParams.delete(param);
  return { ...config, url: url.href, query: { ...config.query, [param]: value } };
}
