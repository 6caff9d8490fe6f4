import { Inject, Injectable } from '@nestjs/common';
import { DeadLetterLog, type DeadLettered } from '#libs/dead-letters';
import type { StartedExecution } from '#libs/execution-engine';
import { ExecutionJournal, PlanCache, type DeadLetters } from '#libs/execution-runtime';
import { toInstant, type Clock } from '#libs/kernel';
import type { PlannedNode } from '#libs/workflow-definition';
import { CLOCK } from '../platform/tokens.ts';
import { deadLetterIdOf } from './dead-letter-id.ts';
import { DeadLetterMetrics } from './dead-letter-metrics.ts';

/** Where nodes are computed that no executor runs. */
const ENGINE = 'engine';

/** Sets aside what executions failed at, and says where it goes on. */
@Injectable()
export class RecordDeadLetters implements DeadLetters {
  constructor(
    private readonly journal: ExecutionJournal,
    private readonly plans: PlanCache,
    private readonly log: DeadLetterLog,
    private readonly metrics: DeadLetterMetrics,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async setAside(executionId: string, state: StartedExecution): Promise<void> {
    if (state.status !== 'failed' || !state.error) return;
    const { nodeId, attempt, code, message, details } = state.error;
    const node = await this.#nodeOf(state, nodeId);
    const executor = executorOf(node);
    const fact: DeadLettered = {
      type: 'DeadLettered',
      id: deadLetterIdOf(executionId, state),
      workspaceId: state.workspaceId,
      executor,
      at: toInstant(this.clock.nowMs()),
      kind: 'failed',
      executionId,
      workflowId: state.workflowId,
      workflowVersion: state.workflowVersion,
      nodeId,
      nodeType: node?.type ?? null,
      attempts: attempt,
      error: { code, message, ...(details === undefined ? {} : { details }) },
      task: node?.runs === 'executor' ? { queue: `run.${executor}`, payload: { executionId, nodeId, attempt } } : null,
    };
    await this.log.record(fact);
    this.metrics.setAside(fact);
  }

  /** Whoever redrove it may have died before saying so; the execution's own history says it too. */
  async tellRedriven(deadLetterId: string, executionId: string, { origin }: StartedExecution): Promise<void> {
    if (origin?.kind !== 'redrive' && origin?.kind !== 'retry') return;
    const failed = await this.journal.fresh(origin.executionId);
    if (failed.status === 'none' || !failed.error) return;
    const executor = executorOf(await this.#nodeOf(failed, failed.error.nodeId));
    const at = toInstant(this.clock.nowMs());
    const { workspaceId } = failed;
    await this.log.record({ type: 'Redriven', id: deadLetterId, workspaceId, executor, executionId, at });
  }

  async #nodeOf({ workflowId, workflowVersion }: StartedExecution, nodeId: string): Promise<PlannedNode | undefined> {
    return (await this.plans.planOf(workflowId, workflowVersion)).nodes.get(nodeId);
  }
}

function executorOf(node: PlannedNode | undefined): string {
  return node?.runs === 'executor' ? node.executor : ENGINE;
}
