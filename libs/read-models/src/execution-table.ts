import { MOVE_CHECKPOINT, checkpointMove, type CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';
import type { ExecutionRecord } from './execution-record.ts';
import { isInDoubt } from './executions-in-doubt.ts';
import { termsOf } from './execution-terms.ts';
import { rowParameters } from './rows.ts';
import type { ShelfGrowth } from './shelves.ts';

const APPLY = `
with ${MOVE_CHECKPOINT},
written as (
  insert into executions (id, workspace_id, workflow_id, workflow_version, status, trigger_type, created_at, finished_at, version, shelf, terms, in_doubt, origin_id, record)
  select id, workspace_id, workflow_id, workflow_version, status, trigger_type, created_at, finished_at, version, shelf, terms, in_doubt, origin_id, record::json
  from rows from (
    json_to_recordset($5::json) as (
      id text, workspace_id text, workflow_id text, workflow_version int, status text, trigger_type text,
      created_at timestamptz, finished_at timestamptz, version int, shelf text, terms bigint[], in_doubt boolean, origin_id text),
    string_to_table($6, E'\\n')
  ) as row(id, workspace_id, workflow_id, workflow_version, status, trigger_type, created_at, finished_at, version, shelf, terms, in_doubt, origin_id, record)
  where exists (select from moved)
  on conflict (id) do update set
    status = excluded.status, finished_at = excluded.finished_at, version = excluded.version, shelf = excluded.shelf, terms = excluded.terms,
    in_doubt = excluded.in_doubt,
    record = excluded.record
  where executions.version < excluded.version
),
shelved as (
  insert into execution_shelves (workspace_id, stream, number, size, oldest, newest)
  select workspace_id, stream, number, size, oldest, newest
  from json_to_recordset($7::json) as grown(
    workspace_id text, stream text, number int, size int, oldest timestamptz, newest timestamptz)
  where exists (select from moved)
  on conflict (workspace_id, stream, number) do update set
    size = excluded.size,
    oldest = least(execution_shelves.oldest, excluded.oldest),
    newest = greatest(execution_shelves.newest, excluded.newest)
)
select stream from moved`;

/** A record and the name of the shelf that its terms are of. */
export interface ShelvedRecord {
  readonly id: string;
  readonly shelf: string;
  readonly record: ExecutionRecord;
}

/** What a batch changes. */
export interface ExecutionChanges {
  readonly rows: Iterable<ShelvedRecord>;
  readonly shelves: readonly ShelfGrowth[];
}

/** Writes the changes and moves the checkpoint in one statement. False when somebody else had moved it: nothing was written. */
export async function applyExecutions(
  database: Database,
  { rows, shelves }: ExecutionChanges,
  move: CheckpointMove,
): Promise<boolean> {
  const written = rowParameters(Array.from(rows, (row) => ({ columns: columnsOf(row), record: row.record })));
  const grown = JSON.stringify(shelves.map(({ workspaceId, ...growth }) => ({ workspace_id: workspaceId, ...growth })));
  return (await database.query(APPLY, [...checkpointMove(move), ...written, grown])).length === 1;
}

function columnsOf({ record, shelf }: ShelvedRecord): object {
  return {
    id: record.id,
    workspace_id: record.workspaceId,
    workflow_id: record.workflowId,
    workflow_version: record.workflowVersion,
    status: record.status,
    trigger_type: record.trigger.type,
    created_at: record.createdAt,
    finished_at: record.finishedAt ?? null,
    version: record.version,
    shelf,
    in_doubt: isInDoubt(record),
    origin_id: record.origin?.executionId ?? null,
    terms: `{${termsOf(record, shelf).join()}}`, // an array as Postgres writes it: read in a third of the time of JSON's
  };
}

export async function findExecutions(database: Database, ids: readonly string[]): Promise<ShelvedRecord[]> {
  if (ids.length === 0) return [];
  return database.query(`select id, shelf, record from executions where id = any($1)`, [ids]);
}

export async function findExecution(
  database: Database,
  workspaceId: string,
  id: string,
): Promise<ExecutionRecord | undefined> {
  const [row] = await database.query<{ record: ExecutionRecord }>(
    `select record from executions where id = $1 and workspace_id = $2`,
    [id, workspaceId],
  );
  return row?.record;
}
