import { isJsonObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { NodeError } from '#libs/node-kit';
import { OUTBOUND_HTTP_DEFAULTS } from '#libs/outbound-http';
import { firstPage, itemsOf, pageAfter, type Page, type PageMark } from './next-page.ts';
import type { Paging } from './paging-config.ts';

export interface PageOrder {
  readonly mark: PageMark;
  /** From 1. */
  readonly number: number;
  readonly maxResponseBytes: number;
}

const MOST_BYTES = OUTBOUND_HTTP_DEFAULTS.maxResponseBytes;

/** All pages, one after the other, at most as many as the paging says and together as large as one response may be. */
export async function collectPages(
  paging: Paging,
  fetchPage: (order: PageOrder) => Promise<Page>,
): Promise<JsonObject> {
  const collected: JsonValue[] = [];
  let next: PageMark | undefined = firstPage(paging);
  let number = 0;
  let left: number = MOST_BYTES;
  while (next && number < paging.maxPages) {
    const mark: PageMark = next;
    const order = { mark, number: ++number, maxResponseBytes: left };
    next = await numbered(number, async () => {
      const page = await fetchPage(order);
      left -= page.bytes;
      for (const one of paging.items === undefined ? [page.body] : itemsOf(page, paging.items)) collected.push(one);
      return pageAfter(mark, page, paging);
    });
  }
  return {
    pages: number,
    complete: !next,
    ...(paging.items === undefined ? { body: collected } : { items: collected }),
  };
}

/** An error that a page brings says which one. */
async function numbered<Value>(page: number, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    const { code, message, options } = error;
    const told = isJsonObject(options.details) ? options.details : {};
    const tooLarge = code === 'HTTP_RESPONSE_TOO_LARGE';
    throw new NodeError(code, tooLarge ? `the pages are larger than ${MOST_BYTES} bytes together` : message, {
      ...options,
      details: { ...told, page },
    });
  }
}
