import { Injectable } from '@nestjs/common';
import type { StoredCommit } from '#libs/event-sourcing';
import type { ExecutionEvent } from '#libs/execution-engine';
import type { ExecutionId, WorkspaceId } from '#libs/kernel';
import type { EventViews } from './event-views.ts';
import { ExecutionHistories } from './execution-histories.ts';
import type { EventView } from './execution-view.ts';
import { LiveCommits, type HeardCommits } from './live-commits.ts';
import { ReadExecutions } from './read-executions.ts';

/** After so long without an event the caller is told that there was none, and the log is asked whether that is true. */
const QUIET_MS = 15_000;

export interface FollowedExecution {
  readonly workspaceId: WorkspaceId;
  readonly id: ExecutionId;
  /** Of the last event that the caller has. */
  readonly afterVersion: number;
  /** Aborts when the caller is gone, or is to come again. */
  readonly signal: AbortSignal;
}

/**
 * An execution's events: those so far, then each as it happens, to the last. What is heard live is heard at most once;
 * whatever does not follow on what came before, and a long silence, is made good from the log.
 */
@Injectable()
export class FollowExecution {
  constructor(
    private readonly histories: ExecutionHistories,
    private readonly live: LiveCommits,
    private readonly readExecutions: ReadExecutions,
  ) {}

  /** Throws before anything else when there is no such execution. The first thing comes without a wait for what is to happen. */
  async *follow({ workspaceId, id, afterVersion, signal }: FollowedExecution): AsyncGenerator<EventView | 'quiet'> {
    // Before the log is read, so that nothing falls between the two.
    using heard = this.live.listen(id);
    const views = this.readExecutions.eventViews(afterVersion);
    yield* shown(views, this.histories.commits(workspaceId, id));
    if (!views.isOver && views.version <= afterVersion) yield 'quiet';
    while (!views.isOver && !signal.aborted) yield* this.#whatComes(id, { heard, views, signal });
  }

  async *#whatComes(id: ExecutionId, { heard, views, signal }: Following): AsyncGenerator<EventView | 'quiet'> {
    const commit = await heard.next(QUIET_MS, signal);
    if (signal.aborted) return;
    if (!commit) yield 'quiet';
    if (commit && commit.firstVersion <= views.version + 1) yield* views.of(commit);
    else yield* shown(views, this.histories.commitsAfter(id, views.sequence));
  }
}

interface Following {
  readonly heard: HeardCommits;
  readonly views: EventViews;
  readonly signal: AbortSignal;
}

async function* shown(
  views: EventViews,
  commits: AsyncIterable<StoredCommit<ExecutionEvent>>,
): AsyncGenerator<EventView> {
  for await (const commit of commits) yield* views.of(commit);
}
