import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { DeadLetterLog, NO_WORKSPACE, type DeadLettered } from '#libs/dead-letters';
import type { ExecutionState } from '#libs/execution-engine';
import { ExecutionJournal, type FailedWork, type PoisonedWork } from '#libs/execution-runtime';
import { epochMsOf, toInstant, type Clock } from '#libs/kernel';
import { isAway } from '../platform/away.ts';
import { derivedId } from '../platform/ids.ts';
import { Logger } from '../platform/logging/logger.ts';
import { CLOCK } from '../platform/tokens.ts';
import { DeadLetterMetrics } from './dead-letter-metrics.ts';

/** What any task says, if it is readable at all. */
const readable = z.object({ executionId: z.string().catch(''), nodeId: z.string().nullable().catch(null) });
const UNREADABLE = { executionId: '', nodeId: null };

/** Sets aside work that no worker can do. Its execution stays as it is, and goes on when the letter is redriven. */
@Injectable()
export class SetAsidePoison implements PoisonedWork {
  constructor(
    private readonly journal: ExecutionJournal,
    private readonly log: DeadLetterLog,
    private readonly metrics: DeadLetterMetrics,
    private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async setAside(work: FailedWork, error: unknown): Promise<void> {
    const { executionId, nodeId } = readable.safeParse(work.payload).data ?? UNREADABLE;
    const state = await this.#stateOf(executionId);
    const fact: DeadLettered = {
      type: 'DeadLettered',
      ...placeOf(work, state),
      at: toInstant(this.clock.nowMs()),
      kind: 'poison',
      executionId,
      nodeId,
      nodeType: null,
      attempts: work.deliveries,
      error: { code: 'INTERNAL', message: 'no worker can do it, for a reason of ours; it is in the log' },
      task: { queue: work.queue, payload: work.payload },
    };
    await this.log.record(fact);
    this.metrics.setAside(fact);
    this.logger.error({ error, deadLetterId: fact.id, executionId, queue: work.queue }, 'poison work was set aside');
  }

  /** None when the history itself is what can't be read. */
  async #stateOf(executionId: string): Promise<ExecutionState> {
    if (executionId === '') return { status: 'none' };
    try {
      return await this.journal.fresh(executionId);
    } catch (error) {
      if (isAway(error)) throw error;
      return { status: 'none' };
    }
  }
}

function placeOf(
  { stream, sequence, queue }: FailedWork,
  state: ExecutionState,
): Pick<DeadLettered, 'id' | 'workspaceId' | 'executor' | 'workflowId' | 'workflowVersion'> {
  const chance = createHash('sha256').update(`poison/${stream}/${queue}/${sequence}`).digest();
  const isKnown = state.status !== 'none';
  return {
    id: derivedId('deadLetter', isKnown ? epochMsOf(state.createdAt) : 0, chance),
    workspaceId: isKnown ? state.workspaceId : NO_WORKSPACE,
    executor: executorIn(queue),
    workflowId: isKnown ? state.workflowId : '',
    workflowVersion: isKnown ? state.workflowVersion : 0,
  };
}

/** `run.http` → `http`; else what the queue is of: `start` or `due`. */
function executorIn(queue: string): string {
  const [kind = '', executor] = queue.split('.');
  return kind === 'run' && executor !== undefined ? executor : kind;
}
