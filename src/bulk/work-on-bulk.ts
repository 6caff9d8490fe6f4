import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { TargetOutcome } from '#libs/bulk-jobs';
import { isTerminal } from '#libs/execution-engine';
import { ExecutionJournal } from '#libs/execution-runtime';
import { assertNever, epochMsOf, MillraceError, type ExecutionId, type WorkspaceId } from '#libs/kernel';
import { RetryExecution } from '../executions/retry-execution.ts';
import { isAway } from '../platform/away.ts';
import { derivedId } from '../platform/ids.ts';
import { Logger } from '../platform/logging/logger.ts';
import { BackfillCall } from './backfill-call.ts';
import { BackfillSlot } from './backfill-slot.ts';
import type { BulkAction, BulkJob } from './bulk-job.ts';

/** Does what a job says to one of its executions, once however often it is asked to. */
@Injectable()
export class WorkOnBulk {
  constructor(
    private readonly retrying: RetryExecution,
    private readonly backfilling: BackfillCall,
    private readonly slots: BackfillSlot,
    private readonly journal: ExecutionJournal,
    private readonly logger: Logger,
  ) {}

  /** One that it can't be done to must not keep the others of its job from it. Rejects while something is away. */
  async work(job: BulkJob, target: string): Promise<TargetOutcome> {
    try {
      await this.#act(job, target);
      return 'done';
    } catch (error) {
      if (isAway(error)) throw error;
      if (error instanceof MillraceError) return { refused: error.code };
      this.logger.error({ error, executionId: target, jobId: job.id }, 'a job could not work on an execution');
      return { refused: 'INTERNAL' };
    }
  }

  #act(job: BulkJob, target: string): Promise<void> {
    const { action } = job;
    switch (action.kind) {
      case 'cancel':
        return this.#cancel(job, target);
      case 'retry':
        return this.#retry(job, target, action);
      case 'backfill':
        return this.backfilling.feed(job, target, action);
      case 'slots':
        return this.slots.run(job, target, action);
      default:
        return assertNever(action);
    }
  }

  async #cancel({ actor, isDryRun }: BulkJob, target: string): Promise<void> {
    const state = await this.journal.fresh(target);
    if (isTerminal(state)) throw new MillraceError('conflict', 'EXECUTION_OVER', 'it ended before the job came to it');
    if (!isDryRun) await this.journal.submit(target, { type: 'CancelExecution' }, actor);
  }

  async #retry(
    { id, workspaceId, actor, at, isDryRun }: BulkJob,
    target: string,
    { from, version }: Extract<BulkAction, { readonly kind: 'retry' }>,
  ): Promise<void> {
    const executionId = target as ExecutionId;
    const asked = { workspaceId: workspaceId as WorkspaceId, executionId, actor, from, version };
    if (isDryRun) return this.retrying.check(asked);
    const chance = createHash('sha256').update(`bulk/${id}/${target}`).digest();
    return this.retrying.retry(derivedId('execution', epochMsOf(at), chance), asked);
  }
}
