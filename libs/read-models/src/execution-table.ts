import { MOVE_CHECKPOINT, checkpointMove, type CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';
import type { ExecutionRecord } from './execution-record.ts';
import { isInDoubt } from './executions-in-doubt.ts';
import { termsOf } from './execution-terms.ts';
import { rowParameters } from './rows.ts';
import type { ShelfGrowth } from './shelves.ts';
import { KEEP_UNANCHORED, unanchoredParameter, type EndedHistory } from './unanchored-histories.ts';

/** `moved` says whether anything is to be written; rows, records and shelves are the parameters from `first` on. */
const writing = (moved: string, first: number): string => `
with ${moved},
written as (
  insert into executions (id, workspace_id, workflow_id, workflow_version, status, trigger_type, created_at, finished_at, version, shelf, terms, in_doubt, origin_id, record)
  select id, workspace_id, workflow_id, workflow_version, status, trigger_type, created_at, finished_at, version, shelf, terms, in_doubt, origin_id, record::json
  from rows from (
    json_to_recordset($${first}::json) as (
      id text, workspace_id text, workflow_id text, workflow_version int, status text, trigger_type text,
      created_at timestamptz, finished_at timestamptz, version int, shelf text, terms bigint[], in_doubt boolean, origin_id text),
    string_to_table($${first + 1}, E'\\n')
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
  from json_to_recordset($${first + 2}::json) as grown(
    workspace_id text, stream text, number int, size int, oldest timestamptz, newest timestamptz)
  where exists (select from moved)
  on conflict (workspace_id, stream, number) do update set
    size = excluded.size,
    oldest = least(execution_shelves.oldest, excluded.oldest),
    newest = greatest(execution_shelves.newest, excluded.newest)
),
${KEEP_UNANCHORED(first + 3)}
select 1 from moved`;

const APPLY = writing(MOVE_CHECKPOINT, 5);
const WRITE = writing('moved as (select 1)', 1);

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
  /** Of executions that ended. */
  readonly ended?: readonly EndedHistory[];
}

/** Writes the changes and moves the checkpoint in one statement. False when somebody else had moved it: nothing was written. */
export async function applyExecutions(
  database: Database,
  changes: ExecutionChanges,
  move: CheckpointMove,
): Promise<boolean> {
  return (await database.query(APPLY, [...checkpointMove(move), ...parametersOf(changes)])).length === 1;
}

/** The same for what no stream tells of any more; rows that are there and no older stay. */
export async function writeExecutions(database: Database, changes: ExecutionChanges): Promise<void> {
  await database.query(WRITE, parametersOf(changes));
}

function parametersOf({ rows, shelves, ended = [] }: ExecutionChanges): readonly unknown[] {
  const written = rowParameters(Array.from(rows, (row) => ({ columns: columnsOf(row), record: row.record })));
  const grown = shelves.map(({ workspaceId, ...growth }) => ({ workspace_id: workspaceId, ...growth }));
  return [...written, JSON.stringify(grown), unanchoredParameter(ended)];
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
