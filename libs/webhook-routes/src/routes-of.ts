import { variablesReadBy, type Endpoint, type WorkflowDefinition } from '#libs/workflow-definition';
import type { Route } from './route.ts';

/** An active workflow, as far as its webhooks go. */
export interface RoutedWorkflow {
  readonly id: string;
  readonly workspaceId: string;
  readonly version: number;
  readonly definition: WorkflowDefinition;
  readonly endpoints: readonly Endpoint[];
}

const DEFAULT_MAX_BODY_BYTES = 1024 * 1024;

/** The routes of an active version, by token: one for each webhook node that it has. */
export function routesOf(workflow: RoutedWorkflow): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>();
  const variables = variablesReadBy(workflow.definition);
  for (const { nodeId, token, webhookId } of workflow.endpoints) {
    const node = workflow.definition.nodes.find((one) => one.id === nodeId && one.type === 'trigger.webhook');
    if (!node) continue;
    const { method, maxBodyBytes } = node.config;
    routes.set(token, {
      webhookId,
      workspaceId: workflow.workspaceId,
      workflowId: workflow.id,
      version: workflow.version,
      nodeId,
      methods: methodsOf(method),
      maxBodyBytes: typeof maxBodyBytes === 'number' ? maxBodyBytes : DEFAULT_MAX_BODY_BYTES,
      variables,
      priority: workflow.definition.settings.priority,
    });
  }
  return routes;
}

/** One method, a list, or the default. */
export function methodsOf(method: unknown): string[] {
  if (typeof method === 'string') return [method];
  return Array.isArray(method) && method.length > 0 ? method.map(String) : ['POST'];
}
