import { assertNever, InvariantError } from '#libs/kernel';
import type { Scope } from '#libs/expressions';
import type { ActionNodeType, EngineNodeType, NodeType, NodeTypes } from '#libs/node-kit';
import type { NodeDefinition, WorkflowDefinition } from './definition.ts';
import { prepareConfig } from './evaluated-config.ts';
import { prepareGates } from './gates.ts';
import { DEFAULT_NODE_TIMEOUT_MS, DEFAULT_RETRY, planInner, prepareCompute } from './plan-inner.ts';
import type { Plan, PlannedConnection, PlannedNode, PlannedTrigger } from './plan-types.ts';
import { variablesReadBy } from './variables-read.ts';

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
    nodes.set(node.id, planNode(node, nodeType, { wiring, nodeTypes }));
  }
  const { name, settings } = definition;
  const gatesOf = prepareGates(workflowId, definition, nodeTypes);
  return { workflowId, version, name, settings, variables: variablesReadBy(definition), nodes, gatesOf };
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

function planNode(
  node: NodeDefinition,
  nodeType: NodeType,
  { wiring, nodeTypes }: { readonly wiring: Wiring; readonly nodeTypes: NodeTypes },
): PlannedNode {
  const base = planBase(node, wiring);
  switch (nodeType.runs) {
    case 'trigger':
      return { ...base, runs: 'trigger' };
    case 'decision': {
      const compute = prepareCompute(nodeType, node.config);
      return { ...base, runs: 'decision', compute };
    }
    case 'executor':
      return { ...base, runs: 'executor', ...planAttempts(node, nodeType) };
    case 'engine':
      return { ...base, runs: 'engine', ...planEngineWork(node, nodeType, nodeTypes) };
    default:
      return assertNever(nodeType);
  }
}

function planAttempts(node: NodeDefinition, nodeType: ActionNodeType) {
  const { retry, timeoutMs, onInterrupted } = node;
  return {
    executor: nodeType.executor,
    retry: retry ?? DEFAULT_RETRY,
    timeoutMs: timeoutMs ?? DEFAULT_NODE_TIMEOUT_MS,
    ...(timeoutMs === undefined ? {} : { waitTimeoutMs: timeoutMs }),
    onInterrupted: onInterrupted ?? 'retry',
    hasSideEffects: nodeType.hasSideEffects ?? true,
    resolveConfig: prepareConfig(nodeType, node.config),
  };
}

function planEngineWork({ config }: NodeDefinition, nodeType: EngineNodeType, nodeTypes: NodeTypes) {
  const resolveConfig = prepareConfig(nodeType, config);
  const inner = nodeType.innerOf?.(config);
  return {
    begin: (scope: Scope) => nodeType.begin(resolveConfig(scope)),
    ...(inner ? { inner: planInner(inner, nodeTypes) } : {}),
  };
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
