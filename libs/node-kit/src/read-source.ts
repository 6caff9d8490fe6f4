import type { JsonObject } from '#libs/kernel';
import type { NodeTypes } from './node-type.ts';
import type { WebhookSource } from './webhook-source.ts';

/** A node, as far as it says what calls mean. */
export interface SourceNode {
  readonly type: string;
  /** As written. */
  readonly config: JsonObject;
}

/** `unreadable`: another version of the type accepted the config. */
export type ReadSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'read'; readonly webhook: WebhookSource<JsonObject>; readonly config: JsonObject };

/** What a service's calls of the node mean; `none` for a node that no service calls, or of a type that nobody knows. */
export function readSource(nodeTypes: NodeTypes, { type, config }: SourceNode): ReadSource {
  const nodeType = nodeTypes.get(type);
  if (nodeType?.runs !== 'trigger' || !nodeType.webhook) return { kind: 'none' };
  const parsed = nodeType.configSchema.safeParse(config);
  return parsed.success ? { kind: 'read', webhook: nodeType.webhook, config: parsed.data } : { kind: 'unreadable' };
}

/** Whether services call nodes of the type. */
export function isSource(nodeTypes: NodeTypes, type: string): boolean {
  const nodeType = nodeTypes.get(type);
  return nodeType?.runs === 'trigger' && nodeType.webhook !== undefined;
}
