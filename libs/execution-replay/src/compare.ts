import {
  isActive,
  isTerminal,
  nodeStateOf,
  outputOf,
  outputOfExecution,
  valueOf,
  type NodeState,
  type OwnPayload,
  type StartedExecution,
  type StoredValues,
} from '#libs/execution-engine';
import type { JsonValue } from '#libs/kernel';
import type { Plan } from '#libs/workflow-definition';
import type { DifferenceKind } from './difference.ts';
import { isEqual, isSamePlace } from './equal.ts';
import { valueOfInput } from './input.ts';
import type { Original, Rerun } from './rerun.ts';

export interface RawDifference {
  readonly nodeId: string;
  readonly kind: DifferenceKind;
  readonly before: JsonValue;
  readonly after: JsonValue;
}

interface Sides {
  readonly original: Original;
  readonly plan: Plan;
  readonly replayed: Rerun;
  readonly stored: StoredValues;
  /** Nodes that may or may not be reached, once those before them have results. */
  readonly unknown: ReadonlySet<string>;
}

/** What is not as it was recorded: node by node in the order of the plan, then those that it has no more, then the end. */
export function* differencesOf(compared: Omit<Sides, 'unknown'>): Generator<RawDifference> {
  const sides = { ...compared, unknown: behindOpenNodes(compared.plan, compared.replayed.state) };
  for (const nodeId of new Set([...compared.plan.nodes.keys(), ...compared.original.plan.nodes.keys()])) {
    yield* ofInput(nodeId, sides);
    yield* ofNode(nodeId, sides);
  }
  yield* ofVariables(sides);
  yield* ofOutcome(sides);
}

function* ofInput(nodeId: string, { original, replayed }: Sides): Generator<RawDifference> {
  const [before, after] = [original.inputs.get(nodeId), replayed.inputs.get(nodeId)];
  if (!before || !after || before === after) return;
  const [was, is] = [valueOfInput(before), valueOfInput(after)];
  if (!isEqual(was, is)) yield { nodeId, kind: 'input', before: was, after: is };
}

type Begun = Exclude<NodeState, { readonly status: 'skipped' }>;
type Settled = Extract<NodeState, { readonly status: 'succeeded' | 'failed' }>;

function* ofNode(nodeId: string, sides: Sides): Generator<RawDifference> {
  const before = nodeStateOf(sides.original.state, nodeId);
  const after = nodeStateOf(sides.replayed.state, nodeId);
  if (isBegun(before) && isBegun(after)) yield* ofBegunNode(nodeId, [before, after], sides);
  else if (isBegun(after)) yield* ofNodeReachedNow(nodeId, [before, after], sides);
  else if (isBegun(before) && !sides.unknown.has(nodeId)) yield path(nodeId, before.status, statusOf(after));
}

function* ofNodeReachedNow(
  nodeId: string,
  [before, after]: readonly [NodeState | undefined, Begun],
  sides: Sides,
): Generator<RawDifference> {
  yield path(nodeId, statusOf(before), isActive(after) ? 'reached' : after.status);
  if (isActive(after)) yield missingRecording(nodeId, statusOf(before), sides);
}

function statusOf(node: NodeState | undefined): JsonValue {
  return node?.status ?? null;
}

function* ofBegunNode(
  nodeId: string,
  [before, after]: readonly [Begun, Begun],
  sides: Sides,
): Generator<RawDifference> {
  if (isSettled(after)) {
    yield* ofSettledNode(nodeId, [isSettled(before) ? before : undefined, after], sides);
    return;
  }
  if (after.status === 'cancelled') {
    if (isSettled(before)) yield path(nodeId, before.status, after.status);
    return;
  }
  // A node that has no result yet in a history that is not over has none here either.
  if (!isActive(before)) yield missingRecording(nodeId, before.status, sides);
}

function* ofSettledNode(
  nodeId: string,
  [before, after]: readonly [Settled | undefined, Settled],
  { original, replayed, stored }: Sides,
): Generator<RawDifference> {
  if (before && !isEqual(before.leavesBy, after.leavesBy))
    yield path(nodeId, [...before.leavesBy], [...after.leavesBy]);
  const was = before && outputOf(original.state, nodeId);
  const is = outputOf(replayed.state, nodeId);
  if (before?.status === after.status && isSameOutput(was, is, stored)) return;
  yield { nodeId, kind: kindOf(before, after), before: valueIn(was, stored), after: valueIn(is, stored) };
}

function kindOf(before: Settled | undefined, after: Settled): DifferenceKind {
  return before?.status === 'failed' || after.status === 'failed' ? 'error' : 'output';
}

function isSameOutput(was: OwnPayload | undefined, is: OwnPayload | undefined, stored: StoredValues): boolean {
  return (was && is && isSamePlace(was, is)) === true || isEqual(valueIn(was, stored), valueIn(is, stored));
}

function valueIn(payload: OwnPayload | undefined, stored: StoredValues): JsonValue {
  return payload ? valueOf(payload, stored) : null;
}

function path(nodeId: string, before: JsonValue, after: JsonValue): RawDifference {
  return { nodeId, kind: 'path', before, after };
}

/** `after` is what the node would be given. */
function missingRecording(nodeId: string, before: JsonValue, { replayed }: Sides): RawDifference {
  const input = replayed.inputs.get(nodeId);
  return { nodeId, kind: 'missingRecording', before, after: input ? valueOfInput(input) : null };
}

/** Variables are recorded with the start: those that only the other version reads are not. */
function* ofVariables({ original, plan }: Sides): Generator<RawDifference> {
  const { variables } = original.plan;
  if (variables === 'all' || variables === plan.variables) return;
  const unread = plan.variables === 'all' ? 'all' : plan.variables.filter((name) => !variables.includes(name));
  if (unread.length === 0) return;
  const after = { variables: unread === 'all' ? unread : [...unread] };
  yield { nodeId: original.state.trigger.nodeId, kind: 'missingRecording', before: null, after };
}

function* ofOutcome(sides: Sides): Generator<RawDifference> {
  const { original, replayed, plan, stored } = sides;
  // Without all results nobody knows how it would end.
  if (!isTerminal(replayed.state) && replayed.state.active > 0 && isTerminal(original.state)) return;
  const before = endOf(original.state, original.plan, stored);
  const after = endOf(replayed.state, plan, stored);
  if (isEqual(before, after)) return;
  const nodeId = lastNodeOf(replayed.state) ?? lastNodeOf(original.state) ?? original.state.trigger.nodeId;
  yield { nodeId, kind: 'outcome', before, after };
}

function endOf(state: StartedExecution, plan: Plan, stored: StoredValues): JsonValue {
  const { status, error } = state;
  if (!isTerminal(state)) return null;
  if (error) {
    // Attempts are no decision of a replay.
    const { attempt: _, ...fault } = error;
    return { status, error: fault };
  }
  return status === 'succeeded' ? { status, output: outputOfExecution(state, plan, stored) } : { status };
}

function lastNodeOf({ error, endNodes }: StartedExecution): string | undefined {
  return error?.nodeId ?? endNodes?.at(-1);
}

function isBegun(node: NodeState | undefined): node is Begun {
  return node !== undefined && node.status !== 'skipped';
}

function isSettled(node: NodeState): node is Settled {
  return node.status === 'succeeded' || node.status === 'failed';
}

function behindOpenNodes(plan: Plan, state: StartedExecution): ReadonlySet<string> {
  const behind = new Set<string>();
  const queue = Object.entries(state.nodes).flatMap(([id, node]) => (isActive(node) ? [id] : []));
  for (let next = queue.shift(); next !== undefined; next = queue.shift())
    for (const { to } of plan.nodes.get(next)?.outgoing ?? []) {
      if (behind.has(to)) continue;
      behind.add(to);
      queue.push(to);
    }
  return behind;
}
