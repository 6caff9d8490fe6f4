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
import { beginEngineNode } from './engine-node.ts';
import type { ExecutionEvent } from './events.ts';
import type { Fault } from './fault-shape.ts';
import { evolveOwn } from './evolve.ts';
import { OwnNodes } from './own-nodes.ts';
import { faultOf } from './fault.ts';
import { valueOf, type Payload, type StoredValues } from './payload.ts';
import { addOutput, scopeOf, type GrowingScope } from './scope.ts';
import { isTerminal, nodeStateOf, outputOf, type NodeState, type StartedExecution } from './state.ts';

/** A decision in the making: the events so far, and the state they lead to. */
interface Draft {
  readonly context: DecisionContext;
  readonly events: ExecutionEvent[];
  state: StartedExecution;
  readonly own: OwnNodes<NodeState>;
  /** Made for the first pure node and kept level with the state: making it anew for each one costs a look at all nodes. */
  scope?: GrowingScope;
}

/**
 * `first`, and everything that follows from it now: nodes behind settled connections run or are skipped, pure ones are
 * computed at once, and the execution ends when nothing is left. Breadth first, in the order of the definition's
 * connections, so that the same history gives the same events.
 */
export function advance(
  state: StartedExecution,
  first: readonly ExecutionEvent[],
  seeds: readonly string[],
  context: DecisionContext,
): readonly ExecutionEvent[] {
  const draft: Draft = { context, events: [], state, own: new OwnNodes() };
  for (const event of first) record(draft, event);
  const queue = [...seeds];
  for (let next = queue.shift(); next !== undefined && !isTerminal(draft.state); next = queue.shift()) {
    const node = context.plan.nodes.get(next);
    if (node && settle(draft, node)) queue.push(...successorsOf(node));
  }
  if (!isTerminal(draft.state) && draft.state.active === 0) {
    record(draft, { type: 'ExecutionSucceeded', data: { endNodes: endNodesOf(draft) } });
  }
  return draft.events;
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

function record(draft: Draft, event: ExecutionEvent): void {
  draft.events.push(event);
  draft.state = evolveOwn(draft.state, event, { at: draft.context.at, own: draft.own }) as StartedExecution;
  if (draft.scope && 'nodeId' in event.data) addOutput(draft.scope, event.data.nodeId, draft.state, draft.context);
}

/** Runs, schedules or skips the node if it is its turn. True when it is settled now and its successors must be looked at. */
function settle(draft: Draft, node: PlannedNode): boolean {
  if (node.runs === 'trigger' || nodeStateOf(draft.state, node.id)) return false;
  switch (readinessOf(draft, node)) {
    case 'blocked':
      return false;
    case 'skipped':
      record(draft, { type: 'NodeSkipped', data: { nodeId: node.id } });
      return true;
    case 'ready':
      return begin(draft, node);
  }
}

/** True when the node is settled at once. */
function begin(draft: Draft, node: Exclude<PlannedNode, PlannedTrigger>): boolean {
  const pinned = draft.state.pins?.[node.id];
  if (pinned) {
    record(draft, { type: 'NodeSucceeded', data: { nodeId: node.id, attempt: 1, output: pinned, leavesBy: ['main'] } });
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
    recordFailure(draft, node, { attempt: 1, error: faultOf(error) });
    return true;
  }
}

function beginNode(draft: Draft, node: PlannedEngineNode): boolean {
  const { context, state } = draft;
  const events = beginEngineNode(node, node.begin(scopeIn(draft)), { state, context });
  for (const event of events) record(draft, event);
  return events.at(-1)?.type === 'NodeSucceeded';
}

function isToRun({ state }: Draft, node: PlannedExecutorNode): boolean {
  return state.mode !== 'dry' || !node.hasSideEffects;
}

/** A dry run shows what it would have done. */
function skipSideEffect(draft: Draft, node: PlannedExecutorNode): boolean {
  const output = { dryRun: true, type: node.type, config: node.resolveConfig(scopeIn(draft)) };
  record(draft, {
    type: 'NodeSucceeded',
    data: { nodeId: node.id, attempt: 1, output: { value: output }, leavesBy: ['main'] },
  });
  return true;
}

function scopeIn(draft: Draft): GrowingScope {
  return (draft.scope ??= scopeOf(draft.context.executionId, draft.state, draft.context));
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
  record(draft, { type: 'NodeScheduled', data: { nodeId: node.id, attempt: 1, executor: node.executor } });
  return false;
}

function computeNode(draft: Draft, node: PlannedDecisionNode): boolean {
  const { context, state } = draft;
  const taken = takenInto(node, state, context.stored);
  const { output, leavesBy } = node.compute(scopeIn(draft), taken);
  const passed = taken.find((one) => isPassedOn(one.output, output));
  const payload: Payload = passed ? { sameAs: originOf(state, passed.nodeId) } : { value: output };
  record(draft, { type: 'NodeSucceeded', data: { nodeId: node.id, attempt: 1, output: payload, leavesBy } });
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

function recordFailure(draft: Draft, node: PlannedNode, failed: { attempt: number; error: Fault }): void {
  for (const event of failureEvents(node, failed)) record(draft, event);
}

/** The last failure of a node, and of the execution when nothing handles it. */
export function failureEvents(
  node: PlannedNode,
  { attempt, error }: { attempt: number; error: Fault },
): readonly ExecutionEvent[] {
  const failed: ExecutionEvent = {
    type: 'NodeFailed',
    data: { nodeId: node.id, attempt, error, handling: node.onError },
  };
  if (node.onError !== 'fail') return [failed];
  return [failed, { type: 'ExecutionFailed', data: { error: { ...error, nodeId: node.id, attempt } } }];
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
