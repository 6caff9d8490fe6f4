import {
  credentialReferencesOf,
  openApiReferencesOf,
  templateReferencesOf,
  type WorkflowDefinition,
} from '#libs/workflow-definition';
import type { Database } from './database.ts';
import { rowParameters, storableText } from './rows.ts';
import type { WorkflowVersionRecord, WorkflowVersionSummary } from './workflow-version-record.ts';

/** Part of the statement that applies a batch. A version never changes, so one that is there stays as it is. */
export const WRITE_VERSIONS = `
written_versions as (
  insert into workflow_versions (workflow_id, version, workspace_id, content_hash, credential_ids, template_ids, openapi_document_ids, created_at, record, definition)
  select workflow_id, version, workspace_id, content_hash, credential_ids, template_ids, openapi_document_ids, created_at, record::json, definition::json
  from rows from (
    json_to_recordset($7::json) as (
      workflow_id text, version int, workspace_id text, content_hash text, credential_ids text[], template_ids text[],
      openapi_document_ids text[], created_at timestamptz),
    string_to_table($8, E'\\n'),
    string_to_table($9, E'\\n')
  ) as row(workflow_id, version, workspace_id, content_hash, credential_ids, template_ids, openapi_document_ids, created_at, record, definition)
  where exists (select from moved)
  on conflict (workflow_id, version) do nothing
)`;

/** Parameters 7 to 9 of the statement. */
export function versionParameters(versions: readonly WorkflowVersionRecord[]): readonly [string, string, string] {
  const [columns, records] = rowParameters(
    versions.map((version) => ({ columns: columnsOf(version), record: version.summary })),
  );
  return [columns, records, versions.map(({ definition }) => JSON.stringify(definition)).join('\n')];
}

function columnsOf({ workspaceId, summary, definition }: WorkflowVersionRecord): object {
  return {
    workflow_id: summary.workflowId,
    version: summary.version,
    workspace_id: workspaceId,
    content_hash: summary.contentHash,
    credential_ids: storable(credentialReferencesOf(definition).map(({ credentialId }) => credentialId)),
    template_ids: storable(templateReferencesOf(definition).map(({ templateId }) => templateId)),
    openapi_document_ids: storable(openApiReferencesOf(definition).map(({ documentId }) => documentId)),
    created_at: summary.createdAt,
  };
}

function storable(ids: readonly string[]): string[] {
  return [...new Set(ids.map(storableText))];
}

/** A version as it was found: `null` when its workflow has none of this number. */
export type FoundVersion = { readonly summary: WorkflowVersionSummary; readonly definition: WorkflowDefinition } | null;

/** Those versions of the workflow, in the order asked for; undefined when the workspace has no such workflow. */
export async function findWorkflowVersions(
  database: Database,
  { workspaceId, workflowId }: { readonly workspaceId: string; readonly workflowId: string },
  versions: readonly number[],
): Promise<FoundVersion[] | undefined> {
  const rows = await database.query<{
    version: number | null;
    record: WorkflowVersionSummary | null;
    definition: WorkflowDefinition | null;
  }>(
    `select v.version, v.record, v.definition
     from workflows w left join workflow_versions v on v.workflow_id = w.id and v.version = any($3)
     where w.id = $1 and w.workspace_id = $2 and w.archived_at is null`,
    [workflowId, workspaceId, versions],
  );
  if (rows.length === 0) return undefined;
  return versions.map((version) => {
    const row = rows.find((one) => one.version === version);
    return row?.record && row.definition ? { summary: row.record, definition: row.definition } : null;
  });
}

/** A page of a workflow's versions, newest first. */
export interface WorkflowVersionQuery {
  readonly workspaceId: string;
  readonly workflowId: string;
  /** Only older ones. */
  readonly before?: number;
  readonly limit: number;
}

/** Without their definitions; undefined when the workspace has no such workflow. */
export async function listWorkflowVersions(
  database: Database,
  { workspaceId, workflowId, before, limit }: WorkflowVersionQuery,
): Promise<{ readonly activeVersion: number | null; readonly versions: WorkflowVersionSummary[] } | undefined> {
  const rows = await database.query<{ active_version: number | null; record: WorkflowVersionSummary | null }>(
    `select w.active_version, v.record
     from workflows w left join lateral (
       select version, record from workflow_versions
       where workflow_id = w.id and ($3::int is null or version < $3) order by version desc limit ${limit}
     ) v on true
     where w.id = $1 and w.workspace_id = $2 and w.archived_at is null
     order by v.version desc`,
    [workflowId, workspaceId, before ?? null],
  );
  const [first] = rows;
  if (!first) return undefined;
  return { activeVersion: first.active_version, versions: rows.flatMap(({ record }) => (record ? [record] : [])) };
}

/** Something that workflows name. */
export interface NamedThing {
  readonly kind: 'credential' | 'emailTemplate' | 'openapiDocument';
  readonly id: string;
}

const COLUMN_OF: Readonly<Record<NamedThing['kind'], string>> = {
  credential: 'credential_ids',
  emailTemplate: 'template_ids',
  openapiDocument: 'openapi_document_ids',
};

/** Workflows of the workspace whose active version names it. */
export async function findWorkflowsUsing(
  database: Database,
  workspaceId: string,
  { kind, id }: NamedThing,
): Promise<{ readonly id: string; readonly name: string }[]> {
  const column = COLUMN_OF[kind];
  return database.query<{ id: string; name: string }>(
    `select w.id, w.name
     from workflow_versions v join workflows w on w.id = v.workflow_id and w.active_version = v.version
     where v.workspace_id = $1 and v.${column} <> '{}' and v.${column} @> array[$2]
       and w.archived_at is null
     order by w.created_at desc, w.id desc`,
    [workspaceId, id],
  );
}
