import { Injectable } from '@nestjs/common';
import { isTerminal, MAX_KEPT_SIGNALS, nodeWaitingFor, type ExecutionStatus } from '#libs/execution-engine';
import { Payloads } from '#libs/execution-runtime';
import { MillraceError, type JsonValue } from '#libs/kernel';
import { SteerExecution, type SteeredExecution } from './steer-execution.ts';

/** Gives a payload to a node that waits for it, or will. */
@Injectable()
export class SendSignal {
  constructor(
    private readonly steering: SteerExecution,
    private readonly payloads: Payloads,
  ) {}

  async execute(
    target: SteeredExecution,
    { name, payload }: { readonly name: string; readonly payload: JsonValue },
  ): Promise<ExecutionStatus> {
    const state = await this.steering.read(target);
    if (isTerminal(state)) throw executionOver(target.executionId, state.status);
    if (!nodeWaitingFor(name, state) && (state.signals ?? []).length >= MAX_KEPT_SIGNALS) {
      const message = `the execution keeps ${MAX_KEPT_SIGNALS} signals that no node took yet, and takes no more`;
      throw new MillraceError('conflict', 'TOO_MANY_SIGNALS', message);
    }
    const stored = await this.payloads.toPayload(target.executionId, payload);
    return this.steering.submit(target, { type: 'SendSignal', name, payload: stored });
  }
}

export function executionOver(executionId: string, status: ExecutionStatus): MillraceError {
  return new MillraceError(
    'conflict',
    'EXECUTION_OVER',
    `${executionId} is over (${status}); nothing changes it any more`,
  );
}
