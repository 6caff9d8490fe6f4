import type { CommitCodec } from '#libs/event-store-jetstream';
import type { WorkflowEvent } from '#libs/workflow-definition';
import type { CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';
import type { BatchProjection, StreamMessage } from './batch-projection.ts';
import { projectWorkflow, type WorkflowRecord } from './workflow-record.ts';
import { applyWorkflows, findWorkflows } from './workflow-table.ts';

/** Commits of `WORKFLOWS` → rows of `workflows`. */
export class WorkflowProjection implements BatchProjection {
  constructor(
    private readonly database: Database,
    private readonly codec: CommitCodec<WorkflowEvent>,
  ) {}

  async apply(batch: readonly StreamMessage[], move: CheckpointMove): Promise<boolean> {
    const commits = batch.map(({ data, sequence }) => this.codec.decodeEvents(data, sequence));
    const ids = [...new Set(commits.map((commit) => commit.aggregateId))];
    const records = new Map((await findWorkflows(this.database, ids)).map((record) => [record.id, record]));
    for (const { aggregateId: workflowId, events, firstVersion, at } of commits) {
      for (const [index, event] of events.entries()) {
        const version = firstVersion + index;
        const before = records.get(workflowId);
        if (before && before.revision >= version) continue;
        records.set(workflowId, projectWorkflow(before, event, { workflowId, version, at }));
      }
    }
    return applyWorkflows(this.database, records.values() as Iterable<WorkflowRecord>, move);
  }

  reset(): void {
    // Keeps nothing between batches: workflows change seldom.
  }
}
