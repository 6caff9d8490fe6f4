import { Inject, Injectable } from '@nestjs/common';
import type { StoredCommit } from '#libs/event-sourcing';
import type { ExecutionEvent } from '#libs/execution-engine';
import { MillraceError, type ExecutionId, type WorkspaceId } from '#libs/kernel';
import { EXECUTION_LOG, type ExecutionLog } from '../platform/nats/tokens.ts';

/** Histories of executions, each for its own workspace alone. */
@Injectable()
export class ExecutionHistories {
  constructor(@Inject(EXECUTION_LOG) private readonly log: ExecutionLog) {}

  /** The history, oldest first. Throws before the first commit when there is none, or when it is another workspace's. */
  async *commits(workspaceId: WorkspaceId, id: ExecutionId): AsyncGenerator<StoredCommit<ExecutionEvent>> {
    let first = true;
    for await (const commit of this.log.store.readHistory(id)) {
      if (first && !startedIn(commit, workspaceId)) throw notFound(id);
      first = false;
      yield commit;
    }
    if (first) throw notFound(id);
  }

  /** What came after a commit of a history that was read before. */
  commitsAfter(id: ExecutionId, sequence: number): AsyncIterable<StoredCommit<ExecutionEvent>> {
    return this.log.store.readHistory(id, { fromSequence: sequence + 1 });
  }
}

function startedIn(commit: StoredCommit<ExecutionEvent>, workspaceId: string): boolean {
  const [event] = commit.events;
  return event?.type === 'ExecutionStarted' && event.data.workspaceId === workspaceId;
}

function notFound(id: string): MillraceError {
  return new MillraceError('notFound', 'EXECUTION_NOT_FOUND', `there is no execution ${id}`);
}
