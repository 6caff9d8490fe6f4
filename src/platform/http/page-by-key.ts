import { invalidCursor, type Page } from './page.ts';

/** A page of what comes and goes, so that no order of creation would hold: by key, of items that are in that order. */
export function pageByKey<Item extends { readonly key: string }, View>(
  items: readonly Item[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  view: (item: Item) => View,
): Page<View> {
  const after = cursor === undefined ? undefined : keyOf(cursor);
  const rest = items.filter(({ key }) => after === undefined || key > after);
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(view), nextCursor: last && rest.length > limit ? cursorOf(last.key) : null };
}

function cursorOf(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function keyOf(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (key !== '' && cursorOf(key) === cursor) return key;
  throw invalidCursor();
}
