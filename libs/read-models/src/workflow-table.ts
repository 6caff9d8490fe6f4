import { MOVE_CHECKPOINT, checkpointMove, type CheckpointMove } from './checkpoint.ts';
import { Conditions } from './conditions.ts';
import type { Database } from './database.ts';
import { rowParameters, storableText } from './rows.ts';
import type { WorkflowRecord } from './workflow-record.ts';

const APPLY = `
with ${MOVE_CHECKPOINT},
written as (
  insert into workflows (id, workspace_id, name, active, created_at, revision, record)
  select id, workspace_id, name, active, created_at, revision, record::json
  from rows from (
    json_to_recordset($5::json) as (
      id text, workspace_id text, name text, active boolean, created_at timestamptz, revision int),
    string_to_table($6, E'\\n')
  ) as row(id, workspace_id, name, active, created_at, revision, record)
  where exists (select from moved)
  on conflict (id) do update set
    name = excluded.name, active = excluded.active, revision = excluded.revision, record = excluded.record
  where workflows.revision < excluded.revision
)
select stream from moved`;

/** Writes the records and moves the checkpoint in one statement. False when somebody else had moved it: nothing was written. */
export async function applyWorkflows(
  database: Database,
  records: Iterable<WorkflowRecord>,
  move: CheckpointMove,
): Promise<boolean> {
  const rows = rowParameters(Array.from(records, (record) => ({ columns: columnsOf(record), record })));
  return (await database.query(APPLY, [...checkpointMove(move), ...rows])).length === 1;
}

function columnsOf(record: WorkflowRecord): object {
  return {
    id: record.id,
    workspace_id: record.workspaceId,
    name: storableText(record.name),
    active: record.activeVersion !== null,
    created_at: record.createdAt,
    revision: record.revision,
  };
}

export async function findWorkflows(database: Database, ids: readonly string[]): Promise<WorkflowRecord[]> {
  if (ids.length === 0) return [];
  const rows = await database.query<{ record: WorkflowRecord }>(`select record from workflows where id = any($1)`, [
    ids,
  ]);
  return rows.map((row) => row.record);
}

export async function findWorkflow(
  database: Database,
  workspaceId: string,
  id: string,
): Promise<WorkflowRecord | undefined> {
  const [row] = await database.query<{ record: WorkflowRecord }>(
    `select record from workflows where id = $1 and workspace_id = $2`,
    [id, workspaceId],
  );
  return row?.record;
}

/** A page of a workspace's workflows, newest first. */
export interface WorkflowQuery {
  readonly workspaceId: string;
  readonly active?: boolean;
  /** Part of the name, in any case. */
  readonly q?: string;
  readonly after?: { readonly createdAt: string; readonly id: string };
  readonly limit: number;
}

export async function listWorkflows(database: Database, query: WorkflowQuery): Promise<WorkflowRecord[]> {
  const conditions = new Conditions();
  conditions.add((place) => `workspace_id = ${place}`, query.workspaceId);
  conditions.add((place) => `active = ${place}`, query.active);
  conditions.add((place) => `position(lower(${place}) in lower(name)) > 0`, query.q);
  conditions.addAfter(query.after);
  const rows = await database.query<{ record: WorkflowRecord }>(
    `select record from workflows where ${conditions.sql}
     order by created_at desc, id desc limit ${query.limit}`,
    conditions.parameters,
  );
  return rows.map((row) => row.record);
}
