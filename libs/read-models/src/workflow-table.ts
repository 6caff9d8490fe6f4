import { MOVE_CHECKPOINT, checkpointMove, type CheckpointMove } from './checkpoint.ts';
import { Conditions } from './conditions.ts';
import type { Database } from './database.ts';
import { rowParameters, storableText } from './rows.ts';
import { webhookParameter, WRITE_WEBHOOKS } from './webhook-table.ts';
import type { WorkflowRecord } from './workflow-record.ts';
import type { WorkflowVersionRecord } from './workflow-version-record.ts';
import { versionParameters, WRITE_VERSIONS } from './workflow-version-table.ts';

const APPLY = `
with ${MOVE_CHECKPOINT},
written as (
  insert into workflows (id, workspace_id, name, active, active_version, created_at, archived_at, revision, record)
  select id, workspace_id, name, active, active_version, created_at, archived_at, revision, record::json
  from rows from (
    json_to_recordset($5::json) as (
      id text, workspace_id text, name text, active boolean, active_version int, created_at timestamptz,
      archived_at timestamptz, revision int),
    string_to_table($6, E'\\n')
  ) as row(id, workspace_id, name, active, active_version, created_at, archived_at, revision, record)
  where exists (select from moved)
  on conflict (id) do update set
    name = excluded.name, active = excluded.active, active_version = excluded.active_version,
    archived_at = excluded.archived_at, revision = excluded.revision, record = excluded.record
  where workflows.revision < excluded.revision
),
${WRITE_VERSIONS},
${WRITE_WEBHOOKS}
select stream from moved`;

/** What a batch changes. */
export interface WorkflowRows {
  readonly workflows: Iterable<WorkflowRecord>;
  readonly versions: readonly WorkflowVersionRecord[];
}

/** Writes the records and moves the checkpoint in one statement. False when somebody else had moved it: nothing was written. */
export async function applyWorkflows(
  database: Database,
  { workflows, versions }: WorkflowRows,
  move: CheckpointMove,
): Promise<boolean> {
  const records = [...workflows];
  const rows = rowParameters(records.map((record) => ({ columns: columnsOf(record), record })));
  const parameters = [...checkpointMove(move), ...rows, ...versionParameters(versions), webhookParameter(records)];
  return (await database.query(APPLY, parameters)).length === 1;
}

function columnsOf(record: WorkflowRecord): object {
  return {
    id: record.id,
    workspace_id: record.workspaceId,
    name: storableText(record.name),
    active: record.activeVersion !== null,
    active_version: record.activeVersion,
    created_at: record.createdAt,
    archived_at: record.archivedAt,
    revision: record.revision,
  };
}

/** Archived ones too. */
export async function findWorkflows(database: Database, ids: readonly string[]): Promise<WorkflowRecord[]> {
  if (ids.length === 0) return [];
  const rows = await database.query<{ record: WorkflowRecord }>(`select record from workflows where id = any($1)`, [
    ids,
  ]);
  return rows.map((row) => row.record);
}

/** Archived ones are not there. */
export async function findWorkflow(
  database: Database,
  workspaceId: string,
  id: string,
): Promise<WorkflowRecord | undefined> {
  const [row] = await database.query<{ record: WorkflowRecord }>(
    `select record from workflows where id = $1 and workspace_id = $2 and archived_at is null`,
    [id, workspaceId],
  );
  return row?.record;
}

/** A page of a workspace's workflows, newest first, without those that are archived. */
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
  conditions.add((place) => `position(lower(${place}) in lower(name)) > 0`, query.q && storableText(query.q));
  conditions.addAfter(query.after);
  const rows = await database.query<{ record: WorkflowRecord }>(
    `select record from workflows where archived_at is null and ${conditions.sql}
     order by created_at desc, id desc limit ${query.limit}`,
    conditions.parameters,
  );
  return rows.map((row) => row.record);
}
