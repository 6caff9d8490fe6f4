import { Body, Controller, Get, Headers, HttpCode, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { WorkflowId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import { versionOfIfMatch } from '../platform/http/entity-tags.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { entityTagOf } from './entity-tag.ts';
import { UpgradeWorkflow } from './upgrade-workflow.ts';
import { answer, authorOf, CHANGED_ANSWERS } from './workflow-answers.ts';
import { workflowUpgradeView, workflowUpgradeViewOf, type WorkflowUpgradeView } from './workflow-upgrade-view.ts';
import type { WorkflowView } from './workflow-view.ts';
import { upgradeBody, type UpgradeBody } from './workflows.dto.ts';

/** Node types get new versions; a workflow gets them when somebody wants it to. */
@Controller('v1/workflows/:id/upgrade')
export class WorkflowUpgradeController {
  constructor(private readonly upgrading: UpgradeWorkflow) {}

  @Get()
  @RequirePermission('workflows:read')
  @Operation({
    summary: 'Preview an upgrade',
    description:
      'What it would be to bring the nodes of the latest version whose types are deprecated to the newest versions of ' +
      'these. Stores nothing.',
    answers: {
      200: { description: 'What would change.', schema: workflowUpgradeView, headers: ['etag'] },
    },
  })
  async preview(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('workflow') id: WorkflowId,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowUpgradeView> {
    const preview = await this.upgrading.preview(workspaceId, id);
    // Of the workflow: to be sent with the upgrade.
    reply.header('etag', entityTagOf(preview.record));
    return workflowUpgradeViewOf(preview);
  }

  @Post()
  @HttpCode(200)
  @RequirePermission('workflows:write')
  @AuditedChange('workflow.upgrade')
  @Operation({
    summary: 'Upgrade a workflow',
    description:
      'Publishes what the preview shows as a new version. What is active stays active, and running executions keep the ' +
      'version that they started with. Makes no version when all node types are the newest.',
    requestHeaders: ['if-match'],
    answers: CHANGED_ANSWERS,
    refusals: {
      412: ['IF_MATCH_NO_MATCH', 'WORKFLOW_CHANGED'],
      422: ['INVALID_WORKFLOW'],
      428: ['IF_MATCH_REQUIRED'],
    },
  })
  async upgrade(
    @CurrentAccess() access: Access,
    @IdParam('workflow') id: WorkflowId,
    @Headers('if-match') ifMatch: string | undefined,
    @Body({ schema: upgradeBody }) _: UpgradeBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowView> {
    return answer(reply, await this.upgrading.publish(authorOf(access), id, versionOfIfMatch(ifMatch)), 200);
  }
}
