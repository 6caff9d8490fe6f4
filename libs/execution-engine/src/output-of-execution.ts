import { isJsonObject, type JsonValue } from '#libs/kernel';
import type { Plan } from '#libs/workflow-definition';
import { valueOf, type StoredValues } from './payload.ts';
import { outputOf, type StartedExecution } from './state.ts';

/** What an execution that succeeded gives to whoever waits for it: of its end node, or of several an object by node id. */
export function outputOfExecution(state: StartedExecution, plan: Plan, stored: StoredValues): JsonValue {
  const ends = state.endNodes ?? [];
  const valueAt = (nodeId: string): JsonValue => {
    const output = outputOf(state, nodeId);
    return output ? valueOf(output, stored) : null;
  };
  const answer = [...plan.nodes.values()].find(({ id, type }) => type === 'respond' && outputOf(state, id));
  if (answer) return bodyOf(valueAt(answer.id));
  const [only] = ends;
  if (ends.length === 1 && only !== undefined) return valueAt(only);
  return ends.length === 0 ? null : Object.fromEntries(ends.map((nodeId) => [nodeId, valueAt(nodeId)]));
}

function bodyOf(answer: JsonValue): JsonValue {
  return isJsonObject(answer) ? (answer.body ?? null) : null;
}
