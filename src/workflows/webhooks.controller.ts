import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { WebhookId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { ReadWebhooks } from './read-webhooks.ts';
import { RotateEndpoint } from './rotate-endpoint.ts';
import { webhookView, type WebhookView } from './webhook-view.ts';
import { authorOf } from './workflow-answers.ts';
import { rotateBody, type RotateBody } from './workflows.dto.ts';

@Controller('v1/webhooks/:id')
export class WebhooksController {
  constructor(
    private readonly rotating: RotateEndpoint,
    private readonly readWebhooks: ReadWebhooks,
  ) {}

  @Post('rotate')
  @HttpCode(200)
  @RequirePermission('webhooks:write')
  @AuditedChange('webhook.rotate')
  @Operation({
    summary: "Rotate a webhook's URL",
    description:
      'It gets a new one, which answers at once where the old one did. The webhook stays what it was: its id, its ledger ' +
      'and the ids of calls that it has seen.',
    answers: {
      200: { description: 'The webhook as it is now.', schema: webhookView },
      202: { description: 'Stored; the new URL will answer in a moment.', schema: webhookView },
    },
  })
  async rotate(
    @CurrentAccess() access: Access,
    @IdParam('webhook') id: WebhookId,
    @Body({ schema: rotateBody }) body: RotateBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WebhookView> {
    const rotation = { id, graceMs: body?.graceMs ?? 0 };
    const { endpoint, visible } = await this.rotating.rotate(this.readWebhooks, authorOf(access), rotation);
    if (!visible) reply.status(202);
    return endpoint;
  }
}
