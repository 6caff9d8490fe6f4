import { MOVE_CHECKPOINT, checkpointMove, type CheckpointMove } from './checkpoint.ts';
import { Conditions } from './conditions.ts';
import type { Database } from './database.ts';
import type { ExecutionRecord } from './execution-record.ts';
import { rowParameters } from './rows.ts';

const APPLY = `
with ${MOVE_CHECKPOINT},
written as (
  insert into executions (id, workspace_id, workflow_id, workflow_version, status, trigger_type, created_at, finished_at, version, record)
  select id, workspace_id, workflow_id, workflow_version, status, trigger_type, created_at, finished_at, version, record::json
  from rows from (
    json_to_recordset($5::json) as (
      id text, workspace_id text, workflow_id text, workflow_version int, status text, trigger_type text,
      created_at timestamptz, finished_at timestamptz, version int),
    string_to_table($6, E'\\n')
  ) as row(id, workspace_id, workflow_id, workflow_version, status, trigger_type, created_at, finished_at, version, record)
  where exists (select from moved)
  on conflict (id) do update set
    status = excluded.status, finished_at = excluded.finished_at, version = excluded.version, record = excluded.record
  where executions.version < excluded.version
)
select stream from moved`;

/** Writes the records and moves the checkpoint in one statement. False when somebody else had moved it: nothing was written. */
export async function applyExecutions(
  database: Database,
  records: Iterable<ExecutionRecord>,
  move: CheckpointMove,
): Promise<boolean> {
  const rows = rowParameters(Array.from(records, (record) => ({ columns: columnsOf(record), record })));
  return (await database.query(APPLY, [...checkpointMove(move), ...rows])).length === 1;
}

function columnsOf(record: ExecutionRecord): object {
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
  };
}

export async function findExecutions(database: Database, ids: readonly string[]): Promise<ExecutionRecord[]> {
  if (ids.length === 0) return [];
  const rows = await database.query<{ record: ExecutionRecord }>(`select record from executions where id = any($1)`, [
    ids,
  ]);
  return rows.map((row) => row.record);
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

/** A page of a workspace's executions, newest first. */
export interface ExecutionQuery {
  readonly workspaceId: string;
  readonly workflowId?: string;
  readonly status?: string;
  readonly triggerType?: string;
  /** Created at or after. */
  readonly from?: string;
  /** Created before. */
  readonly to?: string;
  /** Only those after this one in the list's order. */
  readonly after?: { readonly createdAt: string; readonly id: string };
  readonly limit: number;
}

export async function listExecutions(database: Database, query: ExecutionQuery): Promise<ExecutionRecord[]> {
  const conditions = new Conditions();
  conditions.add((place) => `workspace_id = ${place}`, query.workspaceId);
  conditions.add((place) => `workflow_id = ${place}`, query.workflowId);
  conditions.add((place) => `status = ${place}`, query.status);
  conditions.add((place) => `trigger_type = ${place}`, query.triggerType);
  conditions.add((place) => `created_at >= ${place}`, query.from);
  conditions.add((place) => `created_at < ${place}`, query.to);
  conditions.addAfter(query.after);
  const rows = await database.query<{ record: ExecutionRecord }>(
    `select record from executions where ${conditions.sql}
     order by created_at desc, id desc limit ${query.limit}`,
    conditions.parameters,
  );
  return rows.map((row) => row.record);
}
