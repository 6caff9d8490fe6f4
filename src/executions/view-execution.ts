import { durationMsOf, recordedOutputOf, type ExecutionRecord, type NodeRecord } from '#libs/read-models';
import { executionOutputOf, type OutputSources } from './execution-output.ts';
import type { ExecutionView, NodeView, WaitingOn } from './execution-view.ts';

export async function executionViewOf(record: ExecutionRecord, sources: OutputSources): Promise<ExecutionView> {
  return {
    id: record.id,
    workflowId: record.workflowId,
    workflowVersion: record.workflowVersion,
    status: record.status,
    trigger: record.trigger,
    input: await sources.valueOf(record.input),
    output: await executionOutputOf(record, sources),
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

/** In the definition's order. */
function nodeViewsOf(record: ExecutionRecord, { plan, valueOf }: OutputSources): Promise<NodeView[]> {
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
