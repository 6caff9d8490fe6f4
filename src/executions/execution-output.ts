import { outputFrom, outputSourceOf, type OwnPayload } from '#libs/execution-engine';
import type { JsonValue } from '#libs/kernel';
import { recordedOutputOf, type ExecutionRecord } from '#libs/read-models';
import type { Plan } from '#libs/workflow-definition';

/** What is needed besides the record. */
export interface OutputSources {
  readonly plan: Plan;
  readonly valueOf: (payload: OwnPayload) => Promise<JsonValue>;
}

/** What an execution gives; null until it succeeded. */
export async function executionOutputOf(record: ExecutionRecord, { plan, valueOf }: OutputSources): Promise<JsonValue> {
  const { endNodes, nodes } = record;
  if (!endNodes) return null;
  const source = outputSourceOf(plan, endNodes, (id) => Object.hasOwn(nodes, id) && nodes[id]?.status === 'succeeded');
  const outputs = await Promise.all(
    source.nodeIds.map(async (nodeId) => {
      const output = recordedOutputOf(record, nodeId);
      return output ? valueOf(output) : null;
    }),
  );
  return outputFrom(source, outputs);
}
