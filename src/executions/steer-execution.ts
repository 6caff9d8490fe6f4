import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '#libs/event-sourcing';
import type { ExecutionCommand, ExecutionStatus, StartedExecution } from '#libs/execution-engine';
import { ExecutionJournal } from '#libs/execution-runtime';
import { MillraceError, type ExecutionId, type WorkspaceId } from '#libs/kernel';
import { ReadModelProgress } from '#libs/read-models';
import { noteChange } from '../platform/audit/change-notes.ts';
import { EXECUTION_LOG, type ExecutionLog } from '../platform/nats/tokens.ts';

/** Whose execution is changed, and by whom. */
export interface SteeredExecution {
  readonly workspaceId: WorkspaceId;
  readonly executionId: ExecutionId;
  /** Absent when whoever did it is not known by name: a resume URL was called. */
  readonly actor?: Actor;
}

/** Changes an execution because somebody outside wishes it. */
@Injectable()
export class SteerExecution {
  constructor(
    private readonly journal: ExecutionJournal,
    private readonly progress: ReadModelProgress,
    @Inject(EXECUTION_LOG) private readonly log: ExecutionLog,
  ) {}

  /** As the log has it now, if it is of this workspace. Another workspace's looks as if it were not there. */
  async read({ workspaceId, executionId }: Omit<SteeredExecution, 'actor'>): Promise<StartedExecution> {
    const state = await this.journal.fresh(executionId);
    if (state.status !== 'none' && state.workspaceId === workspaceId) {
      noteChange({ target: executionId, before: { status: state.status } });
      return state;
    }
    throw new MillraceError('notFound', 'EXECUTION_NOT_FOUND', `there is no execution ${executionId}`);
  }

  /** Resolves when it is in the log, and read by the calls that follow unless the projector is behind; gives the status then. */
  async submit({ executionId, actor }: SteeredExecution, command: ExecutionCommand): Promise<ExecutionStatus> {
    await this.journal.submit(executionId, command, actor);
    const last = await this.log.store.readLast(executionId, { fresh: true });
    if (last) await this.progress.waitFor(this.log.layout.streamOf(executionId), last.sequence);
    const state = await this.journal.fresh(executionId);
    const status = state.status === 'none' ? 'queued' : state.status;
    noteChange({ after: { status, command: command.type } });
    return status;
  }
}
