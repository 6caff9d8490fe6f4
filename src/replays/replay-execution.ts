import { Injectable } from '@nestjs/common';
import { replay, type DifferenceLimits, type Recording, type Replay } from '#libs/execution-replay';
import { PlanCache } from '#libs/execution-runtime';
import { InvariantError, MillraceError, type ExecutionId, type WorkflowId, type WorkspaceId } from '#libs/kernel';
import { versionIn } from '../workflows/version-in.ts';
import { WorkflowJournal } from '../workflows/workflow-journal.ts';
import { Recordings } from './recordings.ts';

/** The version that an execution runs. */
interface OwnVersion {
  readonly workflowId: string;
  readonly workflowVersion: number;
}

/** Holds an execution against a version of its workflow; records nothing. */
@Injectable()
export class ReplayExecution {
  constructor(
    private readonly recordings: Recordings,
    private readonly plans: PlanCache,
    private readonly workflows: WorkflowJournal,
  ) {}

  /** @param version default: its own */
  async execute(workspaceId: WorkspaceId, executionId: ExecutionId, version?: number): Promise<Replay> {
    const recording = await this.recordings.read(workspaceId, executionId);
    const { workflowId, workflowVersion } = ownVersionOf(recording);
    if (version !== undefined && version !== workflowVersion)
      await this.ensureVersion(workspaceId, workflowId as WorkflowId, version);
    return this.against(recording, version ?? workflowVersion);
  }

  /** The version is known to exist. */
  async against(recording: Recording, version: number, limits?: DifferenceLimits): Promise<Replay> {
    const { workflowId, workflowVersion } = ownVersionOf(recording);
    const own = await this.plans.planOf(workflowId, workflowVersion);
    const other = version === workflowVersion ? own : await this.plans.planOf(workflowId, version);
    return replay(recording, { own, other }, limits);
  }

  /** Throws `WORKFLOW_NOT_FOUND` and `WORKFLOW_VERSION_NOT_FOUND`. */
  async ensureVersion(workspaceId: WorkspaceId, workflowId: WorkflowId, version: number): Promise<void> {
    const { record } = await this.workflows.read(workspaceId, workflowId);
    if (!record) throw new MillraceError('notFound', 'WORKFLOW_NOT_FOUND', `there is no workflow ${workflowId}`);
    versionIn(record, version);
  }
}

function ownVersionOf({ executionId, commits }: Recording): OwnVersion {
  const [started] = commits[0]?.events ?? [];
  if (started?.type !== 'ExecutionStarted') throw new InvariantError(`${executionId} has no beginning`);
  return started.data;
}
