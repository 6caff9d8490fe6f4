import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import type { WebhookId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange, NotAudited } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { CreationIds } from '../platform/idempotency/creation-ids.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { deliveryView, redeliveriesView, type DeliveryView, type RedeliveriesView } from './delivery-view.ts';
import { listDeliveriesQuery, redeliverBody, type ListDeliveriesQuery, type RedeliverBody } from './deliveries.dto.ts';
import { ReadDeliveries } from './read-deliveries.ts';
import { RedeliverCall } from './redeliver-call.ts';

/** The delivery ledger of one webhook. */
@Controller('v1/webhooks/:id')
export class WebhookDeliveriesController {
  constructor(
    private readonly reading: ReadDeliveries,
    private readonly redelivering: RedeliverCall,
  ) {}

  @Get('deliveries')
  @RequirePermission('executions:read')
  @NotAudited('it shows no payload')
  @Operation({
    summary: "List a webhook's deliveries",
    description:
      'Newest first: calls that were accepted, for as long as there is their execution, and those that were refused while ' +
      'the webhook was active, for a configured time. A call is here a moment after its answer.',
    answers: { 200: { description: 'A page.', schema: pageSchema(deliveryView) } },
  })
  async list(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('webhook') id: WebhookId,
    @Query({ schema: listDeliveriesQuery }) query: ListDeliveriesQuery,
  ): Promise<Page<DeliveryView>> {
    return this.reading.list(await this.reading.webhook(workspaceId, id), query);
  }

  @Post('redeliver')
  @RequirePermission('executions:start')
  @AuditedChange('webhook.redeliver')
  @Idempotent()
  @HttpCode(202)
  @Operation({
    summary: 'Send deliveries again',
    description: 'Each as if it were sent again alone; some may be refused, and the others start.',
    answers: { 202: { description: 'What became of each.', schema: redeliveriesView } },
  })
  async redeliver(
    @CurrentAccess() { workspaceId, actor }: Access,
    @IdParam('webhook') id: WebhookId,
    @Body({ schema: redeliverBody }) { deliveryIds }: RedeliverBody,
    @CreationIds() ids: CreationIds,
  ): Promise<RedeliveriesView> {
    const webhook = await this.reading.webhook(workspaceId, id);
    const wishes = deliveryIds.map((deliveryId) => ({ deliveryId, executionId: ids.newId('execution') }));
    return { items: await this.redelivering.redeliverMany({ workspaceId, actor }, webhook, wishes) };
  }
}
