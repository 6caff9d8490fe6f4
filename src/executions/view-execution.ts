import type { OwnPayload } from '#libs/execution-engine';
import type { JsonValue } from '#libs/kernel';
import { durationMsOf, recordedOutputOf, type ExecutionRecord, type NodeRecord } from '#libs/read-models';
import type { Plan } from '#libs/workflow-definition';
import type { ExecutionView, NodeView, WaitingOn } from './execution-view.ts';

/** What a view needs besides the record. */
export interface ViewSources {
  readonly plan: Plan;
  readonly valueOf: (payload: OwnPayload) => Promise<JsonValue>;
}

export async function executionViewOf(record: ExecutionRecord, sources: ViewSources): Promise<ExecutionView> {
  return {
    id: record.id,
    workflowId: record.workflowId,
    workflowVersion: record.workflowVersion,
    status: record.status,
    trigger: record.trigger,
    input: await sources.valueOf(record.input),
    output: await outputOf(record, sources),
    error: record.error ?? null,
    nodes: await nodeViewsOf(record, sources),
    createdAt: record.createdAt,
    startedAt: record.startedAt ?? null,
    finishedAt: record.finishedAt ?? null,
    durationMs: durationMsOf(record),
    parentExecutionId: null,
    forkedFrom: null,
    waitingOn: waitingOnOf(record),
  };
}

/** Of the one end node, or of several an object by node id. */
async function outputOf(record: ExecutionRecord, sources: ViewSources): Promise<JsonValue> {
  const { endNodes = [] } = record;
  const outputs = await Promise.all(
    endNodes.map(async (nodeId) => [nodeId, await endOutputOf(record, nodeId, sources)] as const),
  );
  const [only] = outputs;
  return outputs.length === 1 && only ? only[1] : outputs.length === 0 ? null : Object.fromEntries(outputs);
}

/** A node whose failure was handled ends with its error. */
async function endOutputOf(record: ExecutionRecord, nodeId: string, { valueOf }: ViewSources): Promise<JsonValue> {
  const output = recordedOutputOf(record, nodeId);
  if (output) return valueOf(output);
  const error = record.nodes[nodeId]?.error;
  return error ? { error: { code: error.code, message: error.message } } : null;
}

/** In the definition's order. */
function nodeViewsOf(record: ExecutionRecord, { plan, valueOf }: ViewSources): Promise<NodeView[]> {
  const reached = [...plan.nodes.values()].filter((node) => Object.hasOwn(record.nodes, node.id));
  return Promise.all(
    reached.map(async ({ id, type }) => {
      const node = record.nodes[id] as NodeRecord;
      const output = recordedOutputOf(record, id);
      return {
        nodeId: id,
        type,
        status: node.status,
        attempts: node.attempts,
        startedAt: node.startedAt ?? null,
        finishedAt: node.finishedAt ?? null,
        output: output ? await valueOf(output) : null,
        error: node.error ?? null,
      };
    }),
  );
}

function waitingOnOf({ status, nodes }: ExecutionRecord): WaitingOn | null {
  if (status === 'queued') return { kind: 'worker' };
  for (const [nodeId, node] of Object.entries(nodes)) {
    if (status === 'running' && node.status === 'scheduled') return { kind: 'worker', nodeId };
    if (status === 'waiting' && node.retryAt) return nextAttemptOf(nodeId, node, node.retryAt);
  }
  return null;
}

function nextAttemptOf(nodeId: string, { postponed }: NodeRecord, at: string): WaitingOn {
  if (postponed) return { kind: postponed.kind, nodeId, at, destination: postponed.key };
  return { kind: 'retry', nodeId, at };
}
