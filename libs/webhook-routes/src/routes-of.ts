import type { JsonObject } from '#libs/kernel';
import { readSource, type NodeTypes } from '#libs/node-kit';
import { emailTriggerConfigSchema, webhookTriggerConfigSchema, type WebhookTriggerConfig } from '#libs/nodes';
import {
  variablesReadBy,
  type NodeDefinition,
  type RotatedEndpoint,
  type WorkflowDefinition,
} from '#libs/workflow-definition';
import { verifyOf } from '#libs/webhook-signatures';
import { SOURCE_METHODS, type Route } from './route.ts';

/** An active workflow, as far as its webhooks go. */
export interface RoutedWorkflow {
  readonly id: string;
  readonly workspaceId: string;
  readonly version: number;
  readonly definition: WorkflowDefinition;
  readonly endpoints: readonly RotatedEndpoint[];
}

/** The routes of an active version, by token: one for each node that is called, and for each earlier URL of one. */
export function routesOf(workflow: RoutedWorkflow, nodeTypes: NodeTypes): ReadonlyMap<string, Route> {
  const { id, workspaceId, version, definition, endpoints } = workflow;
  const routes = new Map<string, Route>();
  const { priority } = definition.settings;
  const common = { workspaceId, workflowId: id, version, variables: variablesReadBy(definition), priority };
  for (const { nodeId, token, webhookId, earlier = [] } of endpoints) {
    const node = definition.nodes.find((one) => one.id === nodeId);
    const means = node && meaningOf(node, definition, nodeTypes);
    if (!means) continue;
    const route: Route = { ...common, webhookId, nodeId, ...means };
    routes.set(token, route);
    for (const { token: before, until } of earlier) routes.set(before, { ...route, until });
  }
  return routes;
}

type Meaning = Omit<
  Route,
  'webhookId' | 'workspaceId' | 'workflowId' | 'version' | 'nodeId' | 'variables' | 'priority'
>;

/**
 * What the node asks of a call or a mail. Undefined for a node that is not reached, and for a config that another version
 * of Millrace published and this one can't read: better no answer than a wrong one, and others must not wait for it.
 */
function meaningOf(
  { type, config }: NodeDefinition,
  definition: WorkflowDefinition,
  nodeTypes: NodeTypes,
): Meaning | undefined {
  if (type === 'trigger.email') return mailMeaningOf(config);
  if (type !== 'trigger.webhook') return sourceMeaningOf({ type, config }, nodeTypes);
  const parsed = webhookTriggerConfigSchema.safeParse(config);
  if (!parsed.success) return undefined;
  const { method, maxBodyBytes } = parsed.data;
  return { methods: [...method], maxBodyBytes, ...rulesOf(parsed.data, definition) };
}

function sourceMeaningOf(source: NonNullable<Route['source']>, nodeTypes: NodeTypes): Meaning | undefined {
  const read = readSource(nodeTypes, source);
  if (read.kind !== 'read') return undefined;
  const { webhook, config } = read;
  const verify = verifyOf(webhook.proofOf(config));
  return { methods: [...SOURCE_METHODS], maxBodyBytes: webhook.maxBodyBytes, verify, source };
}

function mailMeaningOf(config: JsonObject): Meaning | undefined {
  const parsed = emailTriggerConfigSchema.safeParse(config);
  if (!parsed.success) return undefined;
  const { allowFrom, imap, ...mail } = parsed.data;
  const asked = { ...(allowFrom ? { allowFrom } : {}), ...(imap ? { imap } : {}) };
  return { methods: [], maxBodyBytes: 1, mail: { ...mail, ...asked } };
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
