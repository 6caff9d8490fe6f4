import type { Database } from './database.ts';
import type { WorkflowRecord } from './workflow-record.ts';

/** Part of the statement that applies a batch of workflows. A webhook stays with its node for ever. */
export const WRITE_WEBHOOKS = `
written_webhooks as (
  insert into webhooks (id, workspace_id, workflow_id, node_id)
  select id, workspace_id, workflow_id, node_id
  from json_to_recordset($10::json) as (id text, workspace_id text, workflow_id text, node_id text)
  where exists (select from moved)
  on conflict (id) do nothing
)`;

/** Parameter 10 of the statement. */
export function webhookParameter(records: readonly WorkflowRecord[]): string {
  return JSON.stringify(
    records.flatMap(({ id, workspaceId, endpoints }) =>
      endpoints.map(({ webhookId, nodeId }) => ({
        id: webhookId,
        workspace_id: workspaceId,
        workflow_id: id,
        node_id: nodeId,
      })),
    ),
  );
}

/** Of which node of which workflow a webhook is. */
export interface FoundWebhook {
  readonly webhookId: string;
  readonly workspaceId: string;
  readonly workflowId: string;
  readonly nodeId: string;
}

/** Also of a workflow that is archived. */
export async function findWebhook(
  database: Database,
  workspaceId: string,
  webhookId: string,
): Promise<FoundWebhook | undefined> {
  const [row] = await database.query<{ workflow_id: string; node_id: string }>(
    `select workflow_id, node_id from webhooks where id = $1 and workspace_id = $2`,
    [webhookId, workspaceId],
  );
  return row && { webhookId, workspaceId, workflowId: row.workflow_id, nodeId: row.node_id };
}
