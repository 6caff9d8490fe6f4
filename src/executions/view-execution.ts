import type { Origin } from '#libs/execution-engine';
import { durationMsOf, recordedOutputOf, type ExecutionRecord, type NodeRecord } from '#libs/read-models';
import { executionOutputOf, type OutputSources } from './execution-output.ts';
import type { ExecutionView, NodeView } from './execution-view.ts';
import { waitingOnOf } from './waiting-on.ts';

/** What a view needs besides the record. */
export interface ViewSources extends OutputSources {
  /** Where a node that waits for a signal is resumed. */
  readonly resumeUrlOf: (executionId: string, nodeId: string) => string;
}

export async function executionViewOf(record: ExecutionRecord, sources: ViewSources): Promise<ExecutionView> {
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
    mode: record.mode ?? 'live',
    cancelReason: record.cancelReason ?? null,
    ...lineageOf(record),
    waitingOn: waitingOnOf(record, sources),
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
        ...(node.loop ? { loop: { items: node.loop.items, failed: node.loop.failed } } : {}),
      };
    }),
  );
}

type Lineage = Pick<ExecutionView, 'parentExecutionId' | 'forkedFrom' | 'redeliveryOf'>;
const WITHOUT_LINEAGE: Lineage = { parentExecutionId: null, forkedFrom: null, redeliveryOf: null };
const LINEAGE_FIELD = {
  child: 'parentExecutionId',
  errorWorkflow: 'parentExecutionId',
  redrive: 'forkedFrom',
  retry: 'forkedFrom',
  fork: 'forkedFrom',
  backfill: 'redeliveryOf',
  redelivery: 'redeliveryOf',
} as const satisfies Record<Origin['kind'], keyof Lineage>;

function lineageOf({ origin }: ExecutionRecord): Lineage {
  return origin ? { ...WITHOUT_LINEAGE, [LINEAGE_FIELD[origin.kind]]: origin.executionId } : WITHOUT_LINEAGE;
}
