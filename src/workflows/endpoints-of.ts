import { epochMsOf } from '#libs/kernel';
import type { NodeTypes } from '#libs/node-kit';
import type { EndpointRecord, WorkflowRecord } from '#libs/read-models';
import type { NodeDefinition, WorkflowDefinition } from '#libs/workflow-definition';
import { isCalled } from '../node-types/called-types.ts';

/** What outsiders know a node by: the token is the end of a URL, or the local part of a mail address. */
export type EndpointKind = 'url' | 'address';

/** Undefined for nodes that nobody reaches. */
export function endpointKindOf(nodeTypes: NodeTypes, type: string): EndpointKind | undefined {
  if (isMailTrigger(type)) return 'address';
  return isCalled(nodeTypes, type) ? 'url' : undefined;
}

export interface EndpointViewing {
  /** Of the active version; undefined when none is. */
  readonly active: WorkflowDefinition | undefined;
  readonly nowMs: number;
}

export interface ViewedEndpoint {
  readonly endpoint: EndpointRecord;
  /** Of the active version where that has it, else of the latest one. */
  readonly node: NodeDefinition;
  readonly isActive: boolean;
}

/** The endpoints of nodes of such types that the latest version or the active one has. */
export function endpointsOf(
  { endpoints, definition }: Pick<WorkflowRecord, 'endpoints' | 'definition'>,
  isOfType: (type: string) => boolean,
  active: WorkflowDefinition | undefined,
): ViewedEndpoint[] {
  return endpoints.flatMap((endpoint) => {
    const nodeIn = (version: WorkflowDefinition | undefined) =>
      version?.nodes.find((node) => node.id === endpoint.nodeId && isOfType(node.type));
    const activeNode = nodeIn(active);
    const node = activeNode ?? nodeIn(definition);
    return node ? [{ endpoint, node, isActive: activeNode !== undefined }] : [];
  });
}

/** When the last token of before a rotation stops; undefined when none works any more. */
export function previousUntilOf({ earlier = [] }: EndpointRecord, nowMs: number): string | undefined {
  const last = earlier
    .map(({ until }) => until)
    .toSorted()
    .at(-1);
  return last === undefined || epochMsOf(last) <= nowMs ? undefined : last;
}

/** Nodes that have an address or watch a mailbox. */
export function isMailTrigger(type: string): boolean {
  return type === 'trigger.email';
}

/** Whether mail is sent to the node; a mailbox elsewhere is watched otherwise. */
export function hasMailAddress({ type, config }: NodeDefinition): boolean {
  return isMailTrigger(type) && config['imap'] === undefined;
}
