import { epochMsOf } from '#libs/kernel';
import type { EndpointRecord, WorkflowRecord } from '#libs/read-models';
import type { NodeDefinition, WorkflowDefinition } from '#libs/workflow-definition';

/** Types of nodes that outsiders reach by a token. */
export type EndpointType = 'trigger.webhook' | 'trigger.email';

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

/** The endpoints of a type that the latest version or the active one has. */
export function endpointsOf(
  { endpoints, definition }: Pick<WorkflowRecord, 'endpoints' | 'definition'>,
  type: EndpointType,
  active: WorkflowDefinition | undefined,
): ViewedEndpoint[] {
  return endpoints.flatMap((endpoint) => {
    const nodeIn = (version: WorkflowDefinition | undefined) =>
      version?.nodes.find((node) => node.id === endpoint.nodeId && node.type === type);
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

/** Whether mail is sent to the node; a mailbox elsewhere is watched otherwise. */
export function hasMailAddress({ type, config }: NodeDefinition): boolean {
  return type === 'trigger.email' && config['imap'] === undefined;
}
