import type { StoredCommit } from '#libs/event-sourcing';
import type { CommitCodec } from '#libs/event-store-jetstream';
import type { WorkflowEvent } from '#libs/workflow-definition';
import type { CheckpointMove } from './checkpoint.ts';
import type { Database } from './database.ts';
import type { BatchProjection, StreamMessage } from './batch-projection.ts';
import { projectWorkflow, type WorkflowRecord } from './workflow-record.ts';
import { applyWorkflows, findWorkflows } from './workflow-table.ts';
import { workflowVersionOf, type WorkflowVersionRecord } from './workflow-version-record.ts';

/** Commits of `WORKFLOWS` → rows of `workflows` and `workflow_versions`. */
export class WorkflowProjection implements BatchProjection {
  readonly name = 'workflows';
  constructor(
    private readonly database: Database,
    private readonly codec: CommitCodec<WorkflowEvent>,
  ) {}

  async apply(batch: readonly StreamMessage[], move: CheckpointMove): Promise<boolean> {
    const commits = batch.map(({ data, sequence }) => this.codec.decodeEvents(data, sequence));
    const records = await this.#recordsBefore(commits);
    const versions = commits.flatMap((commit) => projectCommit(records, commit));
    return applyWorkflows(this.database, { workflows: records.values(), versions }, move);
  }

  aggregateOf({ subject }: StreamMessage): string {
    return subject.slice(subject.lastIndexOf('.') + 1);
  }

  reset(): void {
    // Keeps nothing between batches: workflows change seldom.
  }

  /** Of a workflow that begins in this batch there is nothing to read. */
  async #recordsBefore(commits: readonly StoredCommit<WorkflowEvent>[]): Promise<Map<string, WorkflowRecord>> {
    const begun = new Set(commits.filter((commit) => commit.firstVersion === 1).map((commit) => commit.aggregateId));
    const ids = new Set(commits.map((commit) => commit.aggregateId));
    const found = await findWorkflows(
      this.database,
      [...ids].filter((id) => !begun.has(id)),
    );
    return new Map(found.map((record) => [record.id, record]));
  }
}

/** Brings the record up to the commit and gives the versions that it published, also when the record had them before. */
function projectCommit(
  records: Map<string, WorkflowRecord>,
  { aggregateId: workflowId, events, firstVersion, at, actor }: StoredCommit<WorkflowEvent>,
): WorkflowVersionRecord[] {
  return events.flatMap((event, index) => {
    const version = firstVersion + index;
    const before = records.get(workflowId);
    const record =
      before && before.revision >= version ? before : projectWorkflow(before, event, { workflowId, version, at });
    records.set(workflowId, record);
    return event.type === 'WorkflowVersionPublished' ? [workflowVersionOf(record, event, { at, actor })] : [];
  });
}
