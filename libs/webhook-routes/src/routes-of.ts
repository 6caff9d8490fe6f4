import { webhookTriggerConfigSchema, type WebhookTriggerConfig } from '#libs/nodes';
import { variablesReadBy, type RotatedEndpoint, type WorkflowDefinition } from '#libs/workflow-definition';
import type { Route } from './route.ts';

/** An active workflow, as far as its webhooks go. */
export interface RoutedWorkflow {
  readonly id: string;
  readonly workspaceId: string;
  readonly version: number;
  readonly definition: WorkflowDefinition;
  readonly endpoints: readonly RotatedEndpoint[];
}

/** The routes of an active version, by token: one for each webhook node that it has, and for each earlier URL of one. */
export function routesOf(workflow: RoutedWorkflow): ReadonlyMap<string, Route> {
  const { id, workspaceId, version, definition, endpoints } = workflow;
  const routes = new Map<string, Route>();
  const variables = variablesReadBy(definition);
  for (const { nodeId, token, webhookId, earlier = [] } of endpoints) {
    const node = definition.nodes.find((one) => one.id === nodeId && one.type === 'trigger.webhook');
    // A config that another version of Millrace published and this one can't read: better no answer than a wrong one, and
    // the other webhooks must not wait for it.
    const parsed = webhookTriggerConfigSchema.safeParse(node?.config);
    if (!node || !parsed.success) continue;
    const config = parsed.data;
    const route: Route = {
      ...{ webhookId, workspaceId, workflowId: id, version, nodeId, variables },
      methods: [...config.method],
      maxBodyBytes: config.maxBodyBytes,
      priority: definition.settings.priority,
      ...rulesOf(config, definition),
    };
    routes.set(token, route);
    for (const { token: before, until } of earlier) routes.set(before, { ...route, until });
  }
  return routes;
}

/** What is asked of a call, without what is not. */
function rulesOf(
  { verify, schema, allowIps, rateLimit, dedupe, respond }: WebhookTriggerConfig,
  { nodes }: WorkflowDefinition,
): Partial<Route> {
  const { mode, timeoutMs } = respond;
  const responding = nodes.filter(({ type }) => type === 'respond').map((node) => node.id);
  return {
    ...(verify.scheme === 'none' ? {} : { verify }),
    ...(schema ? { schema } : {}),
    ...(allowIps ? { allowIps } : {}),
    ...(rateLimit ? { rateLimit } : {}),
    ...(dedupe ? { dedupe } : {}),
    ...(mode === 'accepted' ? {} : { respond: { mode, timeoutMs, nodes: responding } }),
  };
}

/** One method, a list, or the default. */
export function methodsOf(method: unknown): string[] {
  if (typeof method === 'string') return [method];
  return Array.isArray(method) && method.length > 0 ? method.map(String) : ['POST'];
}
