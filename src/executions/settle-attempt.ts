import { Injectable } from '@nestjs/common';
import { nodeStateOf, type ExecutionStatus, type Verdict } from '#libs/execution-engine';
import { MillraceError } from '#libs/kernel';
import { SteerExecution, type SteeredExecution } from './steer-execution.ts';

/** A person says what came of an attempt whose worker died in the middle of it. */
@Injectable()
export class SettleAttempt {
  constructor(private readonly steering: SteerExecution) {}

  async execute(target: SteeredExecution, nodeId: string, verdict: Verdict): Promise<ExecutionStatus> {
    const state = await this.steering.read(target);
    const node = nodeStateOf(state, nodeId);
    if (node?.status !== 'waiting' || node.on.kind !== 'person') {
      const message = `the node ${nodeId} of ${target.executionId} is not in doubt; GET /v1/in-doubt lists those that are`;
      throw new MillraceError('conflict', 'NOT_IN_DOUBT', message);
    }
    return this.steering.submit(target, { type: 'SettleAttempt', nodeId, attempt: node.attempt, verdict });
  }
}
