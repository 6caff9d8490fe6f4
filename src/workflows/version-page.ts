import { invalidCursor, type Page } from '../platform/http/page.ts';
import type { VersionSummaryView } from './workflow-version-view.ts';
import { MAX_VERSION } from './workflows.dto.ts';

/** Versions are dense and never inserted between others, so the last one shown is place enough. */
export function versionOfCursor(cursor: string): number {
  const version = /^[1-9]\d{0,9}$/.test(cursor) ? Number(cursor) : Infinity;
  if (version <= MAX_VERSION) return version;
  throw invalidCursor();
}

/** The page of `limit` out of `limit + 1` versions read: one more says whether there is a next. */
export function pageOfVersions(views: readonly VersionSummaryView[], limit: number): Page<VersionSummaryView> {
  const items = views.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: views.length > limit && last ? String(last.version) : null };
}
