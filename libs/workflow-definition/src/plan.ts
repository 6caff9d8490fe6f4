import { assertNever, InvariantError } from '#libs/kernel';
import type { NodeType, NodeTypes } from '#libs/node-kit';
import type { NodeDefinition, RetryPolicy, WorkflowDefinition } from './definition.ts';
import { prepareConfig, prepareForItem } from './evaluated-config.ts';
import type { Plan, PlannedConnection, PlannedNode, PlannedTrigger } from './plan-types.ts';
import { variablesReadBy } from './variables-read.ts';

/** A node that asks for nothing is tried once. */
export const DEFAULT_RETRY: RetryPolicy = {
  maxAttempts: 1,
  backoff: 'exponential',
  initialMs: 1_000,
  maxMs: 60_000,
  jitter: true,
};
export const DEFAULT_NODE_TIMEOUT_MS = 30_000;

/** Makes an accepted definition ready to run. Throws InvariantError for a node type that the installation does not have. */
export function planWorkflow(published: {
  readonly workflowId: string;
  readonly version: number;
  readonly definition: WorkflowDefinition;
  readonly nodeTypes: NodeTypes;
}): Plan {
  const { workflowId, version, definition, nodeTypes } = published;
  const wiring = wire(definition);
  const nodes = new Map<string, PlannedNode>();
  for (const node of definition.nodes) {
    const nodeType = nodeTypes.get(node.type);
    if (!nodeType)
      throw new InvariantError(`workflow ${workflowId} needs the node type "${node.type}", not installed here`);
    nodes.set(node.id, planNode(node, nodeType, wiring));
  }
  const { name, settings } = definition;
  return { workflowId, version, name, settings, variables: variablesReadBy(definition), nodes };
}

interface Wiring {
  readonly incoming: ReadonlyMap<string, readonly PlannedConnection[]>;
  readonly outgoing: ReadonlyMap<string, readonly PlannedConnection[]>;
}

function wire(definition: WorkflowDefinition): Wiring {
  return {
    incoming: Map.groupBy(definition.connections, (connection) => connection.to),
    outgoing: Map.groupBy(definition.connections, (connection) => connection.from),
  };
}

function planNode(node: NodeDefinition, nodeType: NodeType, wiring: Wiring): PlannedNode {
  const base = planBase(node, wiring);
  switch (nodeType.runs) {
    case 'trigger':
      return { ...base, runs: 'trigger' };
    case 'decision': {
      const resolveConfig = prepareConfig(nodeType, node.config);
      const forItem = prepareForItem(nodeType, node.config);
      return {
        ...base,
        runs: 'decision',
        compute: (scope, taken) =>
          nodeType.compute({
            config: resolveConfig(scope),
            incoming: taken[0]?.output ?? null,
            taken,
            forItem: forItem(scope),
          }),
      };
    }
    case 'executor':
      return {
        ...base,
        runs: 'executor',
        executor: nodeType.executor,
        retry: node.retry ?? DEFAULT_RETRY,
        timeoutMs: node.timeoutMs ?? DEFAULT_NODE_TIMEOUT_MS,
        resolveConfig: prepareConfig(nodeType, node.config),
      };
    default:
      return assertNever(nodeType);
  }
}

function planBase(node: NodeDefinition, wiring: Wiring): Omit<PlannedTrigger, 'runs'> {
  return {
    id: node.id,
    type: node.type,
    join: node.join ?? 'all',
    onError: node.onError ?? 'fail',
    incoming: wiring.incoming.get(node.id) ?? [],
    outgoing: wiring.outgoing.get(node.id) ?? [],
  };
}
