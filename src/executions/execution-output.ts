import type { OwnPayload } from '#libs/execution-engine';
import { isJsonObject, type JsonValue } from '#libs/kernel';
import { RESPOND_TYPE } from '#libs/nodes';
import { recordedOutputOf, type ExecutionRecord } from '#libs/read-models';
import type { Plan } from '#libs/workflow-definition';

/** What is needed besides the record. */
export interface OutputSources {
  readonly plan: Plan;
  readonly valueOf: (payload: OwnPayload) => Promise<JsonValue>;
}

/**
 * What an execution gives: the body of the `respond` node that ran, wherever it stands; without one the output of the node
 * at the end. Of several, an object by node id: an order among branches is not a thing that callers could rely on. Null
 * until it succeeded.
 */
export async function executionOutputOf(record: ExecutionRecord, sources: OutputSources): Promise<JsonValue> {
  const { endNodes } = record;
  if (!endNodes) return null;
  const responded = respondedIn(record, sources.plan);
  return responded.length > 0
    ? oneOrById(responded, (nodeId) => bodyOf(record, nodeId, sources))
    : oneOrById(endNodes, (nodeId) => endOutputOf(record, nodeId, sources));
}

/** In the definition's order. */
function respondedIn({ nodes }: ExecutionRecord, plan: Plan): readonly string[] {
  return [...plan.nodes.values()]
    .filter(({ id, type }) => type === RESPOND_TYPE && Object.hasOwn(nodes, id) && nodes[id]?.status === 'succeeded')
    .map(({ id }) => id);
}

async function oneOrById(
  nodeIds: readonly string[],
  outputOf: (nodeId: string) => Promise<JsonValue>,
): Promise<JsonValue> {
  const outputs = await Promise.all(nodeIds.map(async (nodeId) => [nodeId, await outputOf(nodeId)] as const));
  const [only] = outputs;
  return outputs.length === 1 && only ? only[1] : outputs.length === 0 ? null : Object.fromEntries(outputs);
}

async function bodyOf(record: ExecutionRecord, nodeId: string, { valueOf }: OutputSources): Promise<JsonValue> {
  const output = recordedOutputOf(record, nodeId);
  const sent = output ? await valueOf(output) : null;
  return isJsonObject(sent) ? (sent['body'] ?? null) : null;
}

/** A node whose failure was handled ends with its error. */
async function endOutputOf(record: ExecutionRecord, nodeId: string, { valueOf }: OutputSources): Promise<JsonValue> {
  const output = recordedOutputOf(record, nodeId);
  if (output) return valueOf(output);
  const error = record.nodes[nodeId]?.error;
  return error ? { error: { code: error.code, message: error.message } } : null;
}
