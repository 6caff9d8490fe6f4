import {
  isTerminal,
  outputOfExecution,
  waitsFor,
  type ChildEnd,
  type FollowUpStep,
  type PlanSource,
  type StartedExecution,
} from '#libs/execution-engine';
import { InvariantError } from '#libs/kernel';
import { NodeError } from '#libs/node-kit';
import type { ExecutionStarter } from './execution-starter.ts';
import type { ExecutionJournal } from './journal.ts';
import type { Payloads } from './payloads.ts';

/** What stands between executions and their beginning, shared by all workers. */
export interface Gates {
  /** Asks the gate that the execution stands at. May be asked again; then the answer still holds. */
  admit(executionId: string, state: StartedExecution, gate: number): Promise<void>;
  /** The execution is over: what the gate gave it, if it gave it anything, goes to the next. */
  leave(executionId: string, state: StartedExecution, gate: number): Promise<void>;
}

/** Where work that was given up lies. */
export interface DeadLetters {
  setAside(executionId: string, state: StartedExecution): Promise<void>;
  /** The dead letter's work goes on in the execution. */
  tellRedriven(deadLetterId: string, executionId: string, state: StartedExecution): Promise<void>;
}

export interface FollowUpParts {
  readonly journal: ExecutionJournal;
  readonly plans: PlanSource;
  readonly payloads: Payloads;
  readonly starter: ExecutionStarter;
  readonly gates: Gates;
  readonly deadLetters: DeadLetters;
  /** Tells every worker that the execution is over. */
  readonly announceEnd: (executionId: string) => void;
}

/** Does what has to be done beyond an execution because of one of its commits. Each step may be done twice. */
export class FollowUps {
  constructor(private readonly parts: FollowUpParts) {}

  async run(executionId: string, step: FollowUpStep): Promise<void> {
    if (step.kind === 'stop') {
      this.parts.announceEnd(executionId);
      return;
    }
    if (step.kind === 'cancelChildren') {
      await this.#cancelChildren(executionId, step.children);
      return;
    }
    const state = await this.parts.journal.fresh(executionId);
    if (state.status === 'none') throw new InvariantError(`${executionId} has no history`);
    await this.#runWith(state, executionId, step);
  }

  async #runWith(
    state: StartedExecution,
    executionId: string,
    step: Exclude<FollowUpStep, { kind: 'stop' | 'cancelChildren' }>,
  ): Promise<void> {
    const { gates, deadLetters } = this.parts;
    switch (step.kind) {
      case 'admit':
        return this.#admit(executionId, state, step.gate);
      case 'leave':
        return gates.leave(executionId, state, step.gate);
      case 'joinParent':
        return this.#joinParent(executionId, state);
      case 'tellParent':
        return this.#tellParent(executionId, state);
      case 'startErrorWorkflow':
        return this.#startErrorWorkflow(executionId, state, step.workflowId);
      case 'setAside':
        return deadLetters.setAside(executionId, state);
      case 'tellDeadLetter':
        return deadLetters.tellRedriven(step.deadLetterId, executionId, state);
    }
  }

  /** Who is over leaves: an earlier delivery may have put it in line, and died. */
  #admit(executionId: string, state: StartedExecution, gate: number): Promise<void> {
    const { gates } = this.parts;
    return isTerminal(state) ? gates.leave(executionId, state, gate) : gates.admit(executionId, state, gate);
  }

  /**
   * Whoever started it may be dead, or late, before its parent has recorded that it waits. From here on either the parent
   * waits, and answers for its child, or it never will.
   */
  async #joinParent(executionId: string, { origin }: StartedExecution): Promise<void> {
    if (origin?.kind !== 'child') return;
    const { executionId: parentId, nodeId, attempt, batch } = origin;
    const { journal } = this.parts;
    if (waitsFor(await journal.known(parentId), executionId)) return;
    const ofBatch = batch === undefined ? {} : { batch };
    await journal.submit(parentId, { type: 'AwaitExecution', nodeId, attempt, ...ofBatch, executionId });
    if (!waitsFor(await journal.fresh(parentId), executionId)) await this.#cancelChildren(parentId, [executionId]);
  }

  async #cancelChildren(executionId: string, children: readonly string[]): Promise<void> {
    const reason = { code: 'PARENT_ENDED', message: `${executionId}, which waited for it, is over or waits no longer` };
    await Promise.all(children.map((child) => this.parts.journal.submit(child, { type: 'CancelExecution', reason })));
  }

  async #tellParent(executionId: string, state: StartedExecution): Promise<void> {
    const { origin } = state;
    if (origin?.kind !== 'child') return;
    const { nodeId, attempt, batch } = origin;
    const ofBatch = batch === undefined ? {} : { batch };
    const end = await this.#endOf(executionId, state);
    const command = { type: 'RecordChildEnd', nodeId, attempt, ...ofBatch, executionId, end } as const;
    await this.parts.journal.submit(origin.executionId, command);
  }

  async #endOf(executionId: string, state: StartedExecution): Promise<ChildEnd> {
    const { status, error, workflowId, workflowVersion } = state;
    if (status === 'succeeded') {
      const plan = await this.parts.plans.planOf(workflowId, workflowVersion);
      const stored = await this.parts.payloads.loadFor(state);
      return { kind: 'succeeded', output: outputOfExecution(state, plan, stored) };
    }
    const details = { executionId, status, ...(error ? { error: { ...error } } : {}) };
    const why = error ? `: ${error.message}` : '';
    return {
      kind: 'failed',
      error: { code: CODES[status] ?? 'CHILD_FAILED', message: `${executionId} ${status}${why}`, details },
    };
  }

  /** An error workflow that can't be started must not keep the failed execution's other steps from being done. */
  async #startErrorWorkflow(executionId: string, state: StartedExecution, workflowId: string): Promise<void> {
    const { workspaceId, error, status, trigger, createdAt } = state;
    const execution = { id: executionId, status, workflowId: state.workflowId, workflowVersion: state.workflowVersion };
    const input = {
      execution: { ...execution, trigger: { ...trigger }, createdAt },
      error: error ? { ...error } : null,
    };
    const origin = { kind: 'errorWorkflow', executionId } as const;
    try {
      await this.parts.starter.start({ workspaceId, workflowId, input, origin, seed: `${executionId}/error` });
    } catch (refusal) {
      if (!(refusal instanceof NodeError)) throw refusal;
    }
  }
}

/** How an execution that did not succeed fails the node that waits for it. */
const CODES: Readonly<Partial<Record<StartedExecution['status'], string>>> = {
  failed: 'CHILD_FAILED',
  cancelled: 'CHILD_CANCELLED',
  timedOut: 'CHILD_TIMED_OUT',
};
