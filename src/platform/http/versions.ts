import { z } from 'zod';
import { invalidCursor, type Page } from './page.ts';

/** As a column of Postgres can hold it. */
export const MAX_VERSION = 2_147_483_647;
export const versionParam = z.coerce.number().int().min(1).max(MAX_VERSION);

/** Versions are dense and never inserted between others, so the last one shown is place enough. */
export function versionOfCursor(cursor: string): number {
  const version = /^[1-9]\d{0,9}$/.test(cursor) ? Number(cursor) : Infinity;
  if (version <= MAX_VERSION) return version;
  throw invalidCursor();
}

/** The page of `limit` out of `limit + 1` versions read: one more says whether there is a next. */
export function pageOfVersions<View extends { readonly version: number }>(
  views: readonly View[],
  limit: number,
): Page<View> {
  const items = views.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: views.length > limit && last ? String(last.version) : null };
}
