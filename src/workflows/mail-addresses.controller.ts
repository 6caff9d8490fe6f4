import { Body, Controller, Get, HttpCode, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { WebhookId, WorkflowId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { mailAddressView, type MailAddressView } from './mail-address-view.ts';
import { mailboxView, type MailboxView } from './mailbox-view.ts';
import { ReadMailAddresses } from './read-mail-addresses.ts';
import { ReadMailboxes } from './read-mailboxes.ts';
import { ReadWorkflows } from './read-workflows.ts';
import { RotateEndpoint } from './rotate-endpoint.ts';
import { authorOf } from './workflow-answers.ts';
import { rotateBody, type RotateBody } from './workflows.dto.ts';

/** Where the mail triggers of workflows are reached. */
@Controller('v1')
export class MailAddressesController {
  constructor(
    private readonly readWorkflows: ReadWorkflows,
    private readonly readAddresses: ReadMailAddresses,
    private readonly readMailboxes: ReadMailboxes,
    private readonly rotating: RotateEndpoint,
  ) {}

  @Get('workflows/:id/mail-addresses')
  @RequirePermission('webhooks:read')
  @Operation({
    summary: "List a workflow's mail addresses",
    description: 'Of the mail triggers of the latest version and of the active one; always one page.',
    answers: { 200: { description: 'All of them.', schema: pageSchema(mailAddressView) } },
  })
  async list(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('workflow') id: WorkflowId,
  ): Promise<Page<MailAddressView>> {
    return { items: await this.readAddresses.of(await this.readWorkflows.get(workspaceId, id)), nextCursor: null };
  }

  @Get('workflows/:id/mailboxes')
  @RequirePermission('webhooks:read')
  @Operation({
    summary: "List a workflow's mailboxes",
    description: 'Those that its mail triggers watch by IMAP, and how they are doing; always one page.',
    answers: { 200: { description: 'All of them.', schema: pageSchema(mailboxView) } },
  })
  async mailboxes(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('workflow') id: WorkflowId,
  ): Promise<Page<MailboxView>> {
    return { items: await this.readMailboxes.of(await this.readWorkflows.get(workspaceId, id)), nextCursor: null };
  }

  @Post('mail-addresses/:id/rotate')
  @HttpCode(200)
  @RequirePermission('webhooks:write')
  @AuditedChange('webhook.rotate')
  @Operation({
    summary: 'Rotate a mail address',
    description: 'The mail trigger gets a new one, which takes mail at once. The old one is refused, after its grace.',
    answers: {
      200: { description: 'The address as it is now.', schema: mailAddressView },
      202: { description: 'Stored; the new address will take mail in a moment.', schema: mailAddressView },
    },
    refusals: { 404: ['MAIL_ADDRESS_NOT_FOUND'] },
  })
  async rotate(
    @CurrentAccess() access: Access,
    @IdParam('webhook') id: WebhookId,
    @Body({ schema: rotateBody }) body: RotateBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MailAddressView> {
    const rotation = { id, graceMs: body?.graceMs ?? 0 };
    const { endpoint, visible } = await this.rotating.rotate(this.readAddresses, authorOf(access), rotation);
    if (!visible) reply.status(202);
    return endpoint;
  }
}
