import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ConcurrencyConflict } from '#libs/event-sourcing';
import type { ExecutionStarted } from '#libs/execution-engine';
import { ExecutionJournal, PlanCache } from '#libs/execution-runtime';
import { epochMsOf, InvariantError, type ExecutionId, type WorkspaceId } from '#libs/kernel';
import { ExecutionHistories } from '../executions/execution-histories.ts';
import { derivedId } from '../platform/ids.ts';
import { EXECUTION_LOG, type ExecutionLog } from '../platform/nats/tokens.ts';
import { StartInput } from '../variables/start-input.ts';
import type { BulkAction, BulkJob } from './bulk-job.ts';

type Backfill = Extract<BulkAction, { readonly kind: 'backfill' }>;

/** Feeds the call that started one execution to another workflow. */
@Injectable()
export class BackfillCall {
  constructor(
    private readonly histories: ExecutionHistories,
    private readonly plans: PlanCache,
    private readonly startInput: StartInput,
    private readonly journal: ExecutionJournal,
    @Inject(EXECUTION_LOG) private readonly log: ExecutionLog,
  ) {}

  /** A call that was fed to this version before, by any job, is not fed to it again. In a dry run only looks whether it is there. */
  async feed({ id: jobId, actor, workspaceId, isDryRun }: BulkJob, target: string, action: Backfill): Promise<void> {
    const executionId = target as ExecutionId;
    const { data, at } = await this.#startOf(workspaceId as WorkspaceId, executionId);
    if (isDryRun) return;
    const { workflowId, workflowVersion, nodeId, mode } = action;
    const { variables, settings } = await this.plans.planOf(workflowId, workflowVersion);
    const seed = `backfill/${workflowId}@${workflowVersion}/${executionId}`;
    const newId = derivedId('execution', epochMsOf(at), createHash('sha256').update(seed).digest());
    // The log refuses a second one as long as it has the first; after that the archive knows.
    if (await this.log.store.readLast(newId)) return;
    const command = {
      type: 'StartExecution',
      ...{ workspaceId, workflowId, workflowVersion, priority: settings.priority },
      trigger: { type: 'backfill', nodeId },
      ...(await this.startInput.again(data, { workspaceId, variables })),
      origin: { kind: 'backfill', executionId, jobId },
      ...(mode ? { mode } : {}),
    } as const;
    await this.journal.start(newId, command, actor).catch((error: unknown) => {
      if (!(error instanceof ConcurrencyConflict)) throw error;
    });
  }

  async #startOf(
    workspaceId: WorkspaceId,
    id: ExecutionId,
  ): Promise<{ readonly data: ExecutionStarted['data']; readonly at: string }> {
    for await (const { events, at } of this.histories.commits(workspaceId, id)) {
      const [event] = events;
      if (event?.type === 'ExecutionStarted') return { data: event.data, at };
      break;
    }
    throw new InvariantError(`the history of ${id} does not begin with its start`);
  }
}
