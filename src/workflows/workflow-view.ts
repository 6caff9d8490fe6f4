import type { WorkflowRecord } from '#libs/read-models';
import type { ConnectionDefinition, NodeDefinition, WorkflowSettings } from '#libs/workflow-definition';

/** A workflow at its latest version, as the routes answer it. */
export interface WorkflowView {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly active: boolean;
  readonly activeVersion: number | null;
  readonly nodes: readonly NodeDefinition[];
  readonly connections: readonly ConnectionDefinition[];
  readonly settings: WorkflowSettings;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export function workflowViewOf(record: WorkflowRecord): WorkflowView {
  const { nodes, connections, settings } = record.definition;
  return {
    id: record.id,
    name: record.name,
    version: record.latestVersion,
    active: record.activeVersion !== null,
    activeVersion: record.activeVersion,
    nodes,
    connections,
    settings,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
  };
}

/** A workflow's webhook endpoint. */
export interface WebhookView {
  readonly id: string;
  readonly nodeId: string;
  readonly url: string;
  /** One method, or the list that the node takes. */
  readonly method: string | readonly string[];
  readonly active: boolean;
  readonly createdAt: string;
}

export function webhookViewsOf(record: WorkflowRecord, publicUrl: string): WebhookView[] {
  return record.endpoints.flatMap(({ webhookId, nodeId, token, createdAt }) => {
    const node = record.definition.nodes.find((one) => one.id === nodeId && one.type === 'trigger.webhook');
    if (!node) return [];
    const method = (node.config['method'] ?? 'POST') as string | readonly string[];
    const active = record.activeVersion !== null;
    return [{ id: webhookId, nodeId, url: `${publicUrl}/hooks/${token}`, method, active, createdAt }];
  });
}
