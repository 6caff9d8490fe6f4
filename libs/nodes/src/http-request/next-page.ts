import type { JsonValue } from '#libs/kernel';
import { NodeError } from '#libs/node-kit';
import { valueAt } from './json-path.ts';
import { nextLink } from './link-header.ts';
import type { PageNumbers, Paging } from './paging-config.ts';

/** Which page a request asks for: as the config says, at another URL, or by the value of the parameter. */
export type PageMark =
  | { readonly kind: 'first' }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'value'; readonly value: string | number };

export interface Page {
  readonly body: JsonValue;
  /** Its header `Link`, empty without one. */
  readonly link: string;
  readonly requestedUrl: string;
  /** Where it came from, after redirects: what relative URLs are relative to. */
  readonly url: string;
  readonly bytes: number;
}

export function firstPage(paging: Paging): PageMark {
  return paging.kind === 'page' ? { kind: 'value', value: paging.from } : { kind: 'first' };
}

/** Undefined after the last page. Throws NodeError HTTP_PAGING_FAILED when the response does not tell. */
export function pageAfter(mark: PageMark, page: Page, paging: Paging): PageMark | undefined {
  switch (paging.kind) {
    case 'link':
      return markOfUrl(nextLink(page.link), page);
    case 'url':
      return markOfUrl(valueAt(page.body, paging.next), page);
    case 'cursor':
      return markOfCursor(valueAt(page.body, paging.cursor), mark);
    case 'page':
      return mark.kind === 'value' && !isEmpty(page, paging) ? markOfNumber(Number(mark.value), paging) : undefined;
  }
}

/** The items of a page; none when there is nothing at the path, as many servers leave an empty list out. */
export function itemsOf({ body }: Page, path: string): readonly JsonValue[] {
  const items = valueAt(body, path) ?? [];
  if (Array.isArray(items)) return items as readonly JsonValue[];
  throw pagingFailed(`what the response holds at ${path} is not a list`);
}

function markOfUrl(next: JsonValue | undefined, { url, requestedUrl }: Page): PageMark | undefined {
  if (isEnd(next)) return undefined;
  const parsed = typeof next === 'string' ? URL.parse(next, url) : null;
  if (!parsed) throw pagingFailed('what should be the URL of the next page is not one');
  if (parsed.href === URL.parse(requestedUrl)?.href) throw pagingFailed('the next page would be the same one again');
  return { kind: 'url', url: parsed.href };
}

function markOfCursor(cursor: JsonValue | undefined, mark: PageMark): PageMark | undefined {
  if (isEnd(cursor)) return undefined;
  if (typeof cursor !== 'string' && typeof cursor !== 'number')
    throw pagingFailed('the cursor is neither a text nor a number');
  if (mark.kind === 'value' && mark.value === cursor) throw pagingFailed('the cursor is the same one again');
  return { kind: 'value', value: cursor };
}

function markOfNumber(current: number, { step, until = Infinity }: PageNumbers): PageMark | undefined {
  const value = current + step;
  return value > until ? undefined : { kind: 'value', value };
}

function isEmpty(page: Page, { items, until }: Extract<Paging, { readonly kind: 'page' }>): boolean {
  if (items !== undefined) return itemsOf(page, items).length === 0;
  if (Array.isArray(page.body)) return page.body.length === 0;
  if (page.body === null) return true;
  if (until === undefined)
    throw pagingFailed('the response is not a list: say in items where it is, or the last page in until');
  return false;
}

function isEnd(value: JsonValue | undefined): value is undefined | null | false | '' {
  return value === undefined || value === null || value === false || value === '';
}

function pagingFailed(message: string): NodeError {
  return new NodeError('HTTP_PAGING_FAILED', message, { retryable: false, destination: 'answered' });
}
