import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import type { Verdict } from '#libs/execution-engine';
import type { ExecutionId, JsonValue } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { SendSignal } from './send-signal.ts';
import { SettleAttempt } from './settle-attempt.ts';
import { SteerExecution } from './steer-execution.ts';
import {
  nodeIdParam,
  settleBody,
  signalBody,
  signalName,
  steeredView,
  type SettleBody,
  type SteeredView,
} from './steering.dto.ts';

@Controller('v1/executions')
export class SteeringController {
  constructor(
    private readonly steering: SteerExecution,
    private readonly signals: SendSignal,
    private readonly settling: SettleAttempt,
  ) {}

  @Post(':id/cancel')
  @HttpCode(202)
  @RequirePermission('executions:steer')
  @AuditedChange('execution.cancel')
  @Operation({
    summary: 'Cancel an execution',
    description:
      'In whatever state it is: nodes that run are told to stop, timers are dropped, executions that it waits for are ' +
      'cancelled too, and what comes in later changes nothing. One that is over stays as it is.',
    answers: { 202: { description: 'It is cancelled, or was over before.', schema: steeredView } },
  })
  async cancel(
    @CurrentAccess() { workspaceId, actor }: Access,
    @IdParam('execution') executionId: ExecutionId,
  ): Promise<SteeredView> {
    const target = { workspaceId, executionId, actor };
    await this.steering.read(target);
    return { executionId, status: await this.steering.submit(target, { type: 'CancelExecution' }) };
  }

  @Post(':id/signals/:name')
  @HttpCode(202)
  @RequirePermission('executions:steer')
  @AuditedChange('execution.signal')
  @Operation({
    summary: 'Send a signal',
    description: 'To a `wait.signal` node with this name; kept for it when it does not wait yet.',
    answers: { 202: { description: 'It is in the log.', schema: steeredView } },
    refusals: { 409: ['EXECUTION_OVER', 'TOO_MANY_SIGNALS'] },
  })
  async signal(
    @CurrentAccess() { workspaceId, actor }: Access,
    @IdParam('execution') executionId: ExecutionId,
    @Param('name', { schema: signalName }) name: string,
    @Body({ schema: signalBody }) payload: JsonValue | undefined,
  ): Promise<SteeredView> {
    const sent = { name, payload: payload ?? null };
    return { executionId, status: await this.signals.execute({ workspaceId, executionId, actor }, sent) };
  }

  @Post(':id/nodes/:nodeId/settle')
  @HttpCode(202)
  @RequirePermission('executions:steer')
  @AuditedChange('execution.settle')
  @Operation({
    summary: 'Settle an attempt that is in doubt',
    description:
      'Of a node with `onInterrupted: "ask"`, whose worker died in the middle of an attempt: says what came of it. ' +
      '`GET /v1/in-doubt` lists them.',
    answers: { 202: { description: 'The execution goes on.', schema: steeredView } },
    refusals: { 409: ['NOT_IN_DOUBT'] },
  })
  async settle(
    @CurrentAccess() { workspaceId, actor }: Access,
    @IdParam('execution') executionId: ExecutionId,
    @Param('nodeId', { schema: nodeIdParam }) nodeId: string,
    @Body({ schema: settleBody }) body: SettleBody,
  ): Promise<SteeredView> {
    const target = { workspaceId, executionId, actor };
    return { executionId, status: await this.settling.execute(target, nodeId, verdictOf(body)) };
  }
}

function verdictOf(body: SettleBody): Verdict {
  switch (body.outcome) {
    case 'succeeded':
      return { kind: 'succeeded', output: body.output ?? null };
    case 'retry':
      return { kind: 'retry' };
    case 'failed':
      return { kind: 'failed', message: body.message };
  }
}
