import { Injectable } from '@nestjs/common';
import type { Actor } from '#libs/event-sourcing';
import { isTerminal, keptIn, keptOf, type Kept, type StartedExecution } from '#libs/execution-engine';
import { ExecutionJournal } from '#libs/execution-runtime';
import { MillraceError, type ExecutionId, type WorkspaceId } from '#libs/kernel';
import type { Plan } from '#libs/workflow-definition';
import { deadLetterIdOf } from '../dead-letters/dead-letter-id.ts';
import { ContinueExecution, ensureTrigger, type Continuation } from './continue-execution.ts';
import { PastExecutions, type PastExecution } from './past-execution.ts';

export interface AskedRetry {
  readonly workspaceId: WorkspaceId;
  readonly executionId: ExecutionId;
  readonly actor: Actor;
  /** The node to begin again at; `failed`: wherever it failed or was stopped. */
  readonly from: string;
  readonly version: 'same' | 'latest';
}

/** An execution that is over is done again from where it failed, or from a node on, in a new execution. */
@Injectable()
export class RetryExecution {
  constructor(
    private readonly past: PastExecutions,
    private readonly continuing: ContinueExecution,
    private readonly journal: ExecutionJournal,
  ) {}

  /** Resolves when the log has the new execution. */
  async retry(newId: ExecutionId, asked: AskedRetry): Promise<void> {
    await this.continuing.start(newId, await this.#continuationOf(asked));
  }

  /** Throws what `retry` would throw. */
  async check(asked: AskedRetry): Promise<void> {
    ensureTrigger(await this.#continuationOf(asked));
  }

  async #continuationOf({ workspaceId, executionId, actor, from, version }: AskedRetry): Promise<Continuation> {
    const past = await this.past.beforeItsEnd(workspaceId, executionId);
    const ended = await this.#ended(executionId, from);
    const { before, plan } = await this.continuing.plansFor(past, version);
    const isFromNode = from !== 'failed';
    const kept = isFromNode ? keptBefore(from, past, { before, plan }) : keptIn(plan, keptOf(past.state), { before });
    const origin: Continuation['origin'] = {
      kind: 'retry',
      executionId,
      version: past.version,
      ...(isFromNode ? { from } : {}),
      ...letterOf(executionId, ended),
    };
    return { from: past, plan, kept, origin, actor };
  }

  async #ended(executionId: ExecutionId, from: string): Promise<StartedExecution> {
    const state = await this.journal.fresh(executionId);
    if (state.status === 'none' || !isTerminal(state)) {
      const message = `the execution is ${state.status}; cancel it first, or fork it, which it need not be over for`;
      throw new MillraceError('conflict', 'EXECUTION_NOT_OVER', message);
    }
    if (state.status === 'succeeded' && from === 'failed')
      throw new MillraceError('conflict', 'NOTHING_FAILED', 'the execution succeeded; name the node to do again from');
    return state;
  }
}

/** Its dead letter is settled, so that nobody redrives it as well. */
function letterOf(executionId: string, state: StartedExecution): { readonly deadLetterId?: string } {
  return state.status === 'failed' && !state.mode ? { deadLetterId: deadLetterIdOf(executionId, state) } : {};
}

function keptBefore(
  nodeId: string,
  { state }: PastExecution,
  { before, plan }: { readonly before: Plan; readonly plan: Plan },
): Kept {
  const node = plan.nodes.get(nodeId);
  if (!node) {
    throw new MillraceError('refused', 'UNKNOWN_NODE', `version ${plan.version} of the workflow has no such node`, {
      problems: [{ path: 'from', message: 'there is no such node; "failed" stands for where it failed' }],
    });
  }
  const again = nodeId === state.trigger.nodeId ? [...plan.nodes.keys()] : [nodeId];
  return keptIn(plan, keptOf(state), { before, again });
}
