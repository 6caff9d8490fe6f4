import type { JsonObject } from '#libs/kernel';
import type { HookRegistration, NodeTypes } from '#libs/node-kit';
import type { RotatedEndpoint, WorkflowDefinition } from '#libs/workflow-definition';
import type { HookIdentity } from './hook-entry.ts';

/** A workflow, as far as its hooks go. */
export interface HookedWorkflow {
  readonly endpoints: readonly RotatedEndpoint[];
  /** Of the active version; undefined when none is. */
  readonly active: WorkflowDefinition | undefined;
}

export interface HookNodeTypes {
  readonly nodeTypes: NodeTypes;
  readonly publicUrl: string;
}

export interface DesiredHookOf {
  readonly webhookId: string;
  readonly nodeId: string;
  /**
   * Undefined: none. `unknown`: this version of Millrace can't tell, as it does not have the node's type or can't read its
   * config; what another version registered stays.
   */
  readonly hook: HookIdentity | undefined | 'unknown';
}

/** What is to be registered, for each endpoint that the workflow ever had. */
export function desiredHooks({ endpoints, active }: HookedWorkflow, parts: HookNodeTypes): readonly DesiredHookOf[] {
  return endpoints.map(({ webhookId, nodeId, token }) => {
    const node = active?.nodes.find(({ id }) => id === nodeId);
    const hook = node && hookOf(node, `${parts.publicUrl}/hooks/${token}`, parts.nodeTypes);
    return { webhookId, nodeId, hook };
  });
}

function hookOf(
  { type, config }: { readonly type: string; readonly config: JsonObject },
  url: string,
  nodeTypes: NodeTypes,
): DesiredHookOf['hook'] {
  const nodeType = nodeTypes.get(type);
  if (!nodeType) return 'unknown';
  const registration = registrationOf(nodeTypes, type);
  if (!registration) return undefined;
  const parsed = nodeType.configSchema.safeParse(config);
  if (!parsed.success) return 'unknown';
  const target = registration.targetOf(parsed.data);
  return target && { type, url, credentialId: target.credentialId, at: target.at };
}

/** How hooks of a node type are registered; undefined where they are not, and for a type that is not known. */
export function registrationOf(nodeTypes: NodeTypes, type: string): HookRegistration<JsonObject> | undefined {
  const nodeType = nodeTypes.get(type);
  return nodeType?.runs === 'trigger' ? nodeType.webhook?.registration : undefined;
}
