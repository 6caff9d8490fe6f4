import { Controller, HttpCode, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { DeliveryId } from '#libs/kernel';
import { startedView, type StartedView } from '../executions/execution-view.ts';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { creationIdsOf } from '../platform/idempotency/creation-ids.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { RedeliverCall } from './redeliver-call.ts';

@Controller('v1/deliveries')
export class DeliveriesController {
  constructor(private readonly redelivering: RedeliverCall) {}

  @Post(':id/redeliver')
  @RequirePermission('executions:start')
  @AuditedChange('delivery.redeliver')
  @Idempotent()
  @HttpCode(202)
  @Operation({
    summary: 'Send a delivery again',
    description:
      'Starts another execution with the same trigger output, of the version that is active now. It is not verified, ' +
      'counted or held to be a duplicate again. Of a call that was not accepted nothing is kept to send.',
    answers: { 202: { description: 'It was started.', schema: startedView, headers: ['location'] } },
    refusals: { 409: ['DATA_ERASED', 'NOT_REDELIVERABLE', 'WEBHOOK_INACTIVE'] },
  })
  async redeliver(
    @CurrentAccess() { workspaceId, actor }: Access,
    @IdParam('delivery') deliveryId: DeliveryId,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StartedView> {
    const executionId = creationIdsOf(reply.request).newId('execution');
    await this.redelivering.redeliver({ workspaceId, actor }, { deliveryId, executionId });
    reply.header('location', `/v1/executions/${executionId}`);
    return { executionId };
  }
}
