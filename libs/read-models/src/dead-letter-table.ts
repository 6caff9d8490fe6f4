import { checkpointMove, MOVE_CHECKPOINT, type CheckpointMove } from './checkpoint.ts';
import { Conditions, type ListPlace } from './conditions.ts';
import type { Database } from './database.ts';
import type { DeadLetterRecord, DeadLetterStatus } from './dead-letter-record.ts';
import { rowParameters, storableText } from './rows.ts';

const APPLY = `
with ${MOVE_CHECKPOINT},
written as (
  insert into dead_letters (id, workspace_id, workflow_id, node_id, code, status, created_at, record)
  select id, workspace_id, workflow_id, node_id, code, status, created_at, record::json
  from rows from (
    json_to_recordset($5::json) as (
      id text, workspace_id text, workflow_id text, node_id text, code text, status text, created_at timestamptz),
    string_to_table($6, E'\\n')
  ) as row(id, workspace_id, workflow_id, node_id, code, status, created_at, record)
  where exists (select from moved)
  on conflict (id) do update set status = excluded.status, record = excluded.record
)
select stream from moved`;

/** Writes the records and moves the checkpoint in one statement. False when somebody else had moved it: nothing was written. */
export async function applyDeadLetters(
  database: Database,
  records: readonly DeadLetterRecord[],
  move: CheckpointMove,
): Promise<boolean> {
  const rows = rowParameters(records.map((record) => ({ columns: columnsOf(record), record })));
  return (await database.query(APPLY, [...checkpointMove(move), ...rows])).length === 1;
}

function columnsOf(record: DeadLetterRecord): object {
  return {
    id: record.id,
    workspace_id: record.workspaceId,
    workflow_id: record.workflowId,
    node_id: record.nodeId,
    code: storableText(record.error.code),
    status: record.status,
    created_at: record.createdAt,
  };
}

/** Of any workspace. */
export async function findDeadLetters(database: Database, ids: readonly string[]): Promise<DeadLetterRecord[]> {
  const rows = await database.query<{ record: DeadLetterRecord }>(
    `select record from dead_letters where id = any($1)`,
    [ids],
  );
  return rows.map((row) => row.record);
}

export async function findDeadLetter(
  database: Database,
  workspaceId: string,
  id: string,
): Promise<DeadLetterRecord | undefined> {
  const [row] = await database.query<{ record: DeadLetterRecord }>(
    `select record from dead_letters where id = $1 and workspace_id = $2`,
    [id, workspaceId],
  );
  return row?.record;
}

/** Of all workspaces. */
export async function countOpenDeadLetters(database: Database): Promise<number> {
  const [row] = await database.query<{ count: string }>(`select count(*) from dead_letters where status = 'open'`);
  return Number(row?.count ?? 0);
}

/** Which dead letters of a workspace. */
export interface DeadLetterFilter {
  readonly workspaceId: string;
  readonly status: DeadLetterStatus;
  readonly workflowId?: string | undefined;
  readonly nodeId?: string | undefined;
  /** Of the error. */
  readonly code?: string | undefined;
  /** Set aside at or after. */
  readonly from?: string | undefined;
  /** Set aside before. */
  readonly to?: string | undefined;
}

/** Newest first. */
export async function listDeadLetters(
  database: Database,
  filter: DeadLetterFilter,
  page: { readonly after?: ListPlace | undefined; readonly limit: number },
): Promise<DeadLetterRecord[]> {
  const conditions = conditionsOf(filter);
  conditions.addAfter(page.after);
  const rows = await database.query<{ record: DeadLetterRecord }>(
    `select record from dead_letters where ${conditions.sql} order by created_at desc, id desc limit ${page.limit}`,
    conditions.parameters,
  );
  return rows.map((row) => row.record);
}

/** Oldest first, as they are redriven. */
export async function listDeadLetterIds(
  database: Database,
  filter: DeadLetterFilter,
  limit: number,
): Promise<string[]> {
  const conditions = conditionsOf(filter);
  const rows = await database.query<{ id: string }>(
    `select id from dead_letters where ${conditions.sql} order by created_at, id limit ${limit}`,
    conditions.parameters,
  );
  return rows.map((row) => row.id);
}

function conditionsOf({ workspaceId, status, workflowId, nodeId, code, from, to }: DeadLetterFilter): Conditions {
  const conditions = new Conditions();
  conditions.add((place) => `workspace_id = ${place}`, workspaceId);
  conditions.add((place) => `status = ${place}`, status);
  conditions.add((place) => `workflow_id = ${place}`, workflowId);
  conditions.add((place) => `node_id = ${place}`, nodeId);
  conditions.add((place) => `code = ${place}`, code && storableText(code));
  conditions.add((place) => `created_at >= ${place}`, from);
  conditions.add((place) => `created_at < ${place}`, to);
  return conditions;
}
