import { Body, Controller, Get, HttpCode, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { WorkflowId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { ChangeWorkflow } from './change-workflow.ts';
import { ReadWebhooks } from './read-webhooks.ts';
import { ReadWorkflows } from './read-workflows.ts';
import { webhookView, type WebhookView } from './webhook-view.ts';
import { answer, authorOf, CHANGED_ANSWERS } from './workflow-answers.ts';
import type { WorkflowView } from './workflow-view.ts';
import { activateBody, type ActivateBody } from './workflows.dto.ts';

/** Whether a workflow's triggers start executions, and where they are reached. */
@Controller('v1/workflows/:id')
export class WorkflowActivationController {
  constructor(
    private readonly changeWorkflow: ChangeWorkflow,
    private readonly readWorkflows: ReadWorkflows,
    private readonly readWebhooks: ReadWebhooks,
  ) {}

  @Post('activate')
  @HttpCode(200)
  @RequirePermission('workflows:write')
  @AuditedChange('workflow.activate')
  @Operation({
    summary: 'Activate a version',
    description: 'Triggers answer to this version from now on. Activating an older one is a rollback.',
    answers: CHANGED_ANSWERS,
    refusals: { 404: ['WORKFLOW_VERSION_NOT_FOUND'], 422: ['INVALID_WORKFLOW', 'MAIL_NOT_CONFIGURED'] },
  })
  async activate(
    @CurrentAccess() access: Access,
    @IdParam('workflow') id: WorkflowId,
    @Body({ schema: activateBody }) body: ActivateBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowView> {
    return answer(reply, await this.changeWorkflow.activate(authorOf(access), id, body?.version), 200);
  }

  @Post('deactivate')
  @HttpCode(200)
  @RequirePermission('workflows:write')
  @AuditedChange('workflow.deactivate')
  @Operation({
    summary: 'Deactivate a workflow',
    description: 'Its triggers start nothing any more, and its webhooks answer 404. Running executions go on.',
    answers: CHANGED_ANSWERS,
  })
  async deactivate(
    @CurrentAccess() access: Access,
    @IdParam('workflow') id: WorkflowId,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowView> {
    return answer(reply, await this.changeWorkflow.deactivate(authorOf(access), id), 200);
  }

  @Get('webhooks')
  @RequirePermission('webhooks:read')
  @Operation({
    summary: "List a workflow's webhooks",
    description: 'Of the webhook nodes of the latest version and of the active one; always one page.',
    answers: { 200: { description: 'All of them.', schema: pageSchema(webhookView) } },
  })
  async webhooks(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('workflow') id: WorkflowId,
  ): Promise<Page<WebhookView>> {
    return { items: await this.readWebhooks.of(await this.readWorkflows.get(workspaceId, id)), nextCursor: null };
  }
}
