import { MillraceError } from '#libs/kernel';
import { findExecutions, termsOf, type Database, type ExecutionRecord } from '#libs/read-models';
import type { ArchivedHistory } from './archived-history.ts';

/** What is still to be taken out of the log and the object store because somebody erased it. */
export interface Erasure {
  readonly executionId: string;
  readonly workspaceId: string;
  /** Keys of payloads that it referred to. */
  readonly objects: readonly string[];
}

/**
 * From here on the data is erased for whoever reads: the archive has the history without it, the row the record without
 * it, and the rest of the work is noted, all three or none.
 */
export async function recordErasure(
  database: Database,
  {
    history,
    record,
    objects,
    at,
  }: {
    readonly history: ArchivedHistory;
    readonly record: ExecutionRecord;
    readonly objects: readonly string[];
    readonly at: string;
  },
): Promise<void> {
  const [row] = await findExecutions(database, [record.id]);
  if (!row) throw new MillraceError('notFound', 'EXECUTION_NOT_FOUND', `there is no execution ${record.id}`);
  await database.query(
    `with kept as (
       insert into archived_histories (execution_id, workspace_id, finished_at, events, bytes, history, objects, erased_at)
       values ($1, $2, $3, $4, $5, $6, '{}', $7)
       on conflict (execution_id, finished_at) do update set
         bytes = excluded.bytes, history = excluded.history, objects = excluded.objects, erased_at = excluded.erased_at
     ), asked as (
       insert into erasures (execution_id, workspace_id, objects, asked_at) values ($1, $2, $8, $7)
       on conflict (execution_id) do nothing
     )
     update executions set record = $9::json, terms = $10::bigint[], archived = true where id = $1`,
    [
      record.id,
      record.workspaceId,
      history.finishedAt,
      history.events,
      history.bytes,
      history.history,
      at,
      objects,
      JSON.stringify(record),
      termsOf(record, row.shelf),
    ],
  );
}

export async function pendingErasures(database: Database, limit: number): Promise<Erasure[]> {
  return database.query(
    `select execution_id as "executionId", workspace_id as "workspaceId", objects from erasures order by asked_at limit $1`,
    [limit],
  );
}

export async function endErasure(database: Database, executionId: string): Promise<void> {
  await database.query(`delete from erasures where execution_id = $1`, [executionId]);
}
