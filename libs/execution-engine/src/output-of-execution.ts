import { isJsonObject, type JsonValue } from '#libs/kernel';
import type { Plan } from '#libs/workflow-definition';
import { valueOf, type StoredValues } from './payload.ts';
import { nodeStateOf, outputOf, type StartedExecution } from './state.ts';

/** Where an execution's output comes from: the nodes, and whether of each it is the whole output or its `body`. */
export interface OutputSource {
  readonly nodeIds: readonly string[];
  readonly part: 'whole' | 'body';
}

const RESPOND = 'respond';

/**
 * What an execution that succeeded gives: the body of the `respond` node that ran, wherever it stands; without one the
 * output of the node at the end. Of several, an object by node id: an order among branches is nothing to rely on.
 */
export function outputSourceOf(
  plan: Plan,
  endNodes: readonly string[],
  hasSucceeded: (nodeId: string) => boolean,
): OutputSource {
  const responded = [...plan.nodes.values()].filter(({ id, type }) => type === RESPOND && hasSucceeded(id));
  if (responded.length > 0) return { nodeIds: responded.map(({ id }) => id), part: 'body' };
  return { nodeIds: endNodes, part: 'whole' };
}

/** Puts together what the nodes gave, in the order of `nodeIds`. */
export function outputFrom({ nodeIds, part }: OutputSource, outputs: readonly JsonValue[]): JsonValue {
  const parts = outputs.map((output) =>
    part === 'whole' ? output : isJsonObject(output) ? (output['body'] ?? null) : null,
  );
  const [only = null] = parts;
  return nodeIds.length <= 1
    ? only
    : Object.fromEntries(nodeIds.map((nodeId, index) => [nodeId, parts[index] ?? null]));
}

/** For whoever waits for the execution; null unless it succeeded. */
export function outputOfExecution(state: StartedExecution, plan: Plan, stored: StoredValues): JsonValue {
  if (!state.endNodes) return null;
  const source = outputSourceOf(plan, state.endNodes, (id) => nodeStateOf(state, id)?.status === 'succeeded');
  const outputs = source.nodeIds.map((nodeId) => {
    const output = outputOf(state, nodeId);
    return output ? valueOf(output, stored) : null;
  });
  return outputFrom(source, outputs);
}
