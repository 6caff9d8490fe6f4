import type { StoredCommit } from '#libs/event-sourcing';
import type { ExecutionEvent } from '#libs/execution-engine';
import { digestAfter, EMPTY_HISTORY } from '#libs/history-digest';
import { projectCommit, type ExecutionRecord } from './execution-record.ts';

/**
 * `projectCommit`, and the digest of the history with it: for rows, which are made once. Who folds a history to look at it
 * does without, as it costs more than the fold. A record whose beginning was read before there were digests has none.
 */
export function projectDigested(
  record: ExecutionRecord | undefined,
  commit: StoredCommit<ExecutionEvent>,
): ExecutionRecord | undefined {
  const after = projectCommit(record, commit);
  if (!after || after === record) return record;
  // Always the last field, whichever commits the events were in: rows are compared word for word.
  const { digest: _, ...plain } = after;
  const digest = digestOf(record, commit);
  return digest === undefined ? plain : { ...plain, digest };
}

function digestOf(
  record: ExecutionRecord | undefined,
  { firstVersion, events, ...commit }: StoredCommit<ExecutionEvent>,
): string | undefined {
  const before = record ? record.digest : EMPTY_HISTORY;
  if (before === undefined) return undefined;
  // A part of the commit may be in the record already.
  const first = Math.max(firstVersion, (record?.version ?? 0) + 1);
  return digestAfter(before, { ...commit, firstVersion: first, events: events.slice(first - firstVersion) });
}
