import type { JsonValue } from '#libs/kernel';
import type {
  PlannedConnection,
  PlannedDecisionNode,
  PlannedEngineNode,
  PlannedExecutorNode,
  PlannedNode,
  PlannedTrigger,
} from '#libs/workflow-definition';
import type { DecisionContext } from './decision-context.ts';
import type { Draft } from './draft.ts';
import { beginEngineNode } from './engine-node.ts';
import type { Fault } from './fault-shape.ts';
import { faultOf } from './fault.ts';
import { valueOf, type OwnPayload, type Payload, type StoredValues } from './payload.ts';
import { isTerminal, nodeStateOf, outputOf, type NodeState, type StartedExecution } from './state.ts';

/**
 * Everything that follows now from what the draft holds: nodes behind settled connections run or are skipped, pure ones are
 * computed at once, and the execution ends when nothing is left. Breadth first, in the order of the definition's
 * connections, so that the same history gives the same events.
 */
export function advance(draft: Draft, seeds: readonly string[]): void {
  const { plan } = draft.context;
  const queue = [...seeds];
  for (let next = queue.shift(); next !== undefined && !isTerminal(draft.state); next = queue.shift()) {
    const node = plan.nodes.get(next);
    if (node && settle(draft, node)) queue.push(...successorsOf(node));
  }
  if (!isTerminal(draft.state) && draft.state.active === 0)
    draft.record({ type: 'ExecutionSucceeded', data: { endNodes: endNodesOf(draft) } });
}

export function successorsOf(node: PlannedNode): readonly string[] {
  return node.outgoing.map((connection) => connection.to);
}

/**
 * Where an execution begins: behind the trigger that fired, and behind roots that never run (other triggers, nodes
 * without a connection into them), since joins further down wait for those connections to settle.
 */
export function seedsOf(plan: DecisionContext['plan']): readonly string[] {
  return [...plan.nodes.values()].filter((node) => node.incoming.length === 0).flatMap(successorsOf);
}

/** Runs, schedules or skips the node if it is its turn. True when it is settled now and its successors must be looked at. */
function settle(draft: Draft, node: PlannedNode): boolean {
  if (node.runs === 'trigger' || nodeStateOf(draft.state, node.id)) return false;
  switch (readinessOf(draft, node)) {
    case 'blocked':
      return false;
    case 'skipped':
      draft.record({ type: 'NodeSkipped', data: { nodeId: node.id } });
      return true;
    case 'ready':
      return begin(draft, node);
  }
}

/** True when the node is settled at once. */
function begin(draft: Draft, node: Exclude<PlannedNode, PlannedTrigger>): boolean {
  const pinned = draft.state.pins?.[node.id];
  if (pinned) {
    draft.record({ type: 'NodeSucceeded', data: { nodeId: node.id, attempt: 1, output: pinned, leavesBy: ['main'] } });
    return true;
  }
  try {
    switch (node.runs) {
      case 'decision':
        return computeNode(draft, node);
      case 'engine':
        return beginNode(draft, node);
      case 'executor':
        return isToRun(draft, node) ? scheduleNode(draft, node) : skipSideEffect(draft, node);
    }
  } catch (error) {
    recordLastFailure(draft, node, { attempt: 1, error: faultOf(error) });
    return true;
  }
}

function beginNode(draft: Draft, node: PlannedEngineNode): boolean {
  const { context, state } = draft;
  const events = beginEngineNode(node, node.begin(draft.scope), { state, context });
  draft.record(...events);
  return events.at(-1)?.type === 'NodeSucceeded';
}

function isToRun({ state }: Draft, node: PlannedExecutorNode): boolean {
  return state.mode !== 'dry' || !node.hasSideEffects;
}

/** A dry run shows what it would have done. */
function skipSideEffect(draft: Draft, node: PlannedExecutorNode): boolean {
  const output = { dryRun: true, type: node.type, config: node.resolveConfig(draft.scope) };
  draft.record({
    type: 'NodeSucceeded',
    data: { nodeId: node.id, attempt: 1, output: { value: output }, leavesBy: ['main'] },
  });
  return true;
}

function readinessOf(draft: Draft, node: PlannedNode): 'ready' | 'skipped' | 'blocked' {
  const isOneTaken = node.incoming.some((connection) => isTaken(nodeStateOf(draft.state, connection.from), connection));
  if (isOneTaken && node.join === 'any') return 'ready';
  // From the end: branches that began together settle about in order, so the last one tells soonest.
  if (node.incoming.findLast(({ from }) => !isSettled(draft, from))) return 'blocked';
  return isOneTaken ? 'ready' : 'skipped';
}

function isTaken(source: NodeState | undefined, connection: PlannedConnection): boolean {
  return (source?.status === 'succeeded' || source?.status === 'failed') && source.leavesBy.includes(connection.output);
}

/** Whether nothing more comes of the node. A root that did not fire has no state and never will. */
function isSettled({ context, state }: Draft, nodeId: string): boolean {
  const node = nodeStateOf(state, nodeId);
  if (!node) return context.plan.nodes.get(nodeId)?.incoming.length === 0;
  return node.status === 'succeeded' || node.status === 'failed' || node.status === 'skipped';
}

function scheduleNode(draft: Draft, node: PlannedExecutorNode): boolean {
  draft.record({ type: 'NodeScheduled', data: { nodeId: node.id, attempt: 1, executor: node.executor } });
  return false;
}

function computeNode(draft: Draft, node: PlannedDecisionNode): boolean {
  const { context, state } = draft;
  const taken = takenInto(node, state, context.stored);
  const { output, leavesBy } = node.compute(draft.scope, taken);
  const passed = taken.find((one) => isPassedOn(one.output, output));
  const payload: Payload = passed ? { sameAs: originOf(state, passed.nodeId) } : { value: output };
  draft.record({ type: 'NodeSucceeded', data: { nodeId: node.id, attempt: 1, output: payload, leavesBy } });
  return true;
}

/** The very same object came in and goes out; what has no identity is as short as a reference would be. */
function isPassedOn(incoming: JsonValue, output: JsonValue): boolean {
  return incoming === output && typeof output === 'object' && output !== null;
}

/** The node whose output was recorded as a value: `sameAs` never leads to another one, however long the way of a value. */
function originOf(state: StartedExecution, nodeId: string): string {
  const node = nodeStateOf(state, nodeId);
  return node && 'output' in node && 'sameAs' in node.output ? node.output.sameAs : nodeId;
}

/** Outputs behind the connections taken into a node, in connection order, each node once. */
function takenInto(
  node: PlannedNode,
  state: StartedExecution,
  stored: StoredValues,
): readonly { nodeId: string; output: JsonValue }[] {
  const taken = new Map<string, JsonValue>();
  for (const connection of node.incoming) {
    const source = nodeStateOf(state, connection.from);
    const output = isTaken(source, connection) ? outputOf(state, connection.from) : undefined;
    if (output) taken.set(connection.from, valueOf(output, stored));
  }
  return [...taken].map(([nodeId, output]) => ({ nodeId, output }));
}

/** The last failure of a node, and of the execution when nothing handles it. */
export function recordLastFailure(
  draft: Draft,
  node: PlannedNode,
  { attempt, error }: { attempt: number; error: Fault },
): void {
  draft.record({ type: 'NodeFailed', data: { nodeId: node.id, attempt, error, handling: node.onError } });
  if (node.onError === 'fail')
    draft.record({ type: 'ExecutionFailed', data: { error: { ...error, nodeId: node.id, attempt } } });
}

/** The node failed for good, and so did its execution, or the flow goes on behind it. */
export function failNode(draft: Draft, node: PlannedNode, failed: { attempt: number; error: Fault }): void {
  recordLastFailure(draft, node, failed);
  advance(draft, successorsOf(node));
}

/** The node gave its output, and the flow goes on behind it. */
export function succeedAt(
  draft: Draft,
  node: PlannedNode,
  { attempt, output }: { attempt: number; output: OwnPayload },
): void {
  draft.record({ type: 'NodeSucceeded', data: { nodeId: node.id, attempt, output, leavesBy: ['main'] } });
  advance(draft, successorsOf(node));
}

/** Nodes that ran to the end and whose flow went no further. */
function endNodesOf({ state, context }: Draft): readonly string[] {
  const ends: string[] = [];
  for (const node of context.plan.nodes.values()) {
    const own = nodeStateOf(state, node.id);
    const ran = own?.status === 'succeeded' || own?.status === 'failed';
    if (ran && !node.outgoing.some((connection) => isTaken(own, connection))) ends.push(node.id);
  }
  return ends;
}
