import type { Plan } from '#libs/workflow-definition';
import { successorsOf } from './advance.ts';
import type { Kept, KeptLoop, KeptResult } from './events.ts';
import { nodeStateOf, outputOf, type LoopState, type NodeState, type StartedExecution } from './state.ts';

/**
 * What an execution that goes on from this one need not do again: nodes that succeeded, that were skipped, and that failed
 * in a way that the flow survived; the batches of loops that are under way; signals that no node took. The node that the
 * execution failed at, and all else that was not over, run again.
 */
export function keptOf(state: StartedExecution): Kept {
  const nodes: Record<string, KeptResult> = {};
  const loops: Record<string, KeptLoop> = {};
  for (const [nodeId, node] of Object.entries(state.nodes)) {
    const result = nodeId === state.trigger.nodeId ? undefined : keptResultOf(state, nodeId);
    if (result) nodes[nodeId] = result;
    if (node.status === 'looping') loops[nodeId] = keptLoopOf(node.loop);
  }
  // Of an execution that never came as far as the loop that it was to go on with.
  const all = { ...state.keptLoops, ...loops };
  const { signals = [] } = state;
  return {
    nodes,
    ...(Object.keys(all).length > 0 ? { loops: all } : {}),
    ...(signals.length > 0 ? { signals } : {}),
  };
}

export function isAnythingKept({ nodes, loops = {}, signals = [] }: Kept): boolean {
  return [nodes, loops].some((named) => Object.keys(named).length > 0) || signals.length > 0;
}

/**
 * The part that means something in a version of the workflow: of nodes that it has, and that are what they were (`before`
 * is the plan that they ran by). Without what lies behind the nodes of `again`, which are done again with all that follows.
 */
export function keptIn(plan: Plan, { nodes, loops, ...rest }: Kept, { before, again = [] }: KeptChange): Kept {
  const dropped = reachedFrom(plan, again);
  const isKept = (nodeId: string): boolean =>
    !dropped.has(nodeId) && plan.nodes.get(nodeId)?.type === before.nodes.get(nodeId)?.type;
  return {
    nodes: only(nodes, isKept),
    ...(loops ? { loops: only(loops, isKept) } : {}),
    ...rest,
  };
}

export interface KeptChange {
  readonly before: Plan;
  readonly again?: readonly string[];
}

/** The nodes, and all that can be reached from them. */
function reachedFrom(plan: Plan, nodeIds: readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [...nodeIds];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const node = plan.nodes.get(next);
    if (!node || reached.has(next)) continue;
    reached.add(next);
    open.push(...successorsOf(node));
  }
  return reached;
}

function only<Value>(
  values: Readonly<Record<string, Value>>,
  isKept: (key: string) => boolean,
): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => isKept(key)));
}

function keptResultOf(state: StartedExecution, nodeId: string): KeptResult | undefined {
  const node = nodeStateOf(state, nodeId);
  if (node?.status === 'skipped') return { status: 'skipped' };
  if (!node || !didTheFlowGoOn(node)) return undefined;
  const { status, attempt, leavesBy } = node;
  const output = outputOf(state, nodeId);
  return output && { status, attempt, output, leavesBy };
}

function didTheFlowGoOn(node: NodeState): node is Extract<NodeState, { readonly status: 'succeeded' | 'failed' }> {
  return node.status === 'succeeded' || (node.status === 'failed' && node.leavesBy.length > 0);
}

/** A batch that somebody works on begins again, with the items that were left of it. */
function keptLoopOf({ items, count, batchSize, next, open, results, errors }: LoopState): KeptLoop {
  const left = Object.entries(open).map(([batch, one]) => ({
    batch: Number(batch),
    ...('indexes' in one && one.indexes ? { indexes: one.indexes } : {}),
  }));
  return { items, count, batchSize, next, open: left, results, errors };
}
