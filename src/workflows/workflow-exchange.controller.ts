import { Body, Controller, Get, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { WorkflowId } from '#libs/kernel';
import {
  exportedWorkflowSchema,
  exportWorkflow,
  importableWorkflowSchema,
  type ExportedWorkflow,
} from '#libs/workflow-definition';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { creationIdsOf } from '../platform/idempotency/creation-ids.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { ChangeWorkflow } from './change-workflow.ts';
import { ReadWorkflows } from './read-workflows.ts';
import { answerCreated, authorOf, CREATED_ANSWERS } from './workflow-answers.ts';
import type { WorkflowView } from './workflow-view.ts';

/** Workflows leave one workspace and come into another. */
@Controller('v1/workflows')
export class WorkflowExchangeController {
  constructor(
    private readonly changeWorkflow: ChangeWorkflow,
    private readonly readWorkflows: ReadWorkflows,
  ) {}

  @Get(':id/export')
  @RequirePermission('workflows:read')
  @Operation({
    summary: 'Export a workflow',
    description:
      'The latest version as portable JSON, without secrets. Credentials that it names are listed, to be mapped when it ' +
      'is imported.',
    answers: { 200: { description: 'To be imported as it is.', schema: exportedWorkflowSchema } },
  })
  async export(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('workflow') id: WorkflowId,
  ): Promise<ExportedWorkflow> {
    return exportWorkflow((await this.readWorkflows.get(workspaceId, id)).definition);
  }

  @Post('import')
  @RequirePermission('workflows:write')
  @AuditedChange('workflow.import')
  @Idempotent()
  @Operation({
    summary: 'Import a workflow',
    description:
      'Creates a workflow from an export or from a bare definition. `credentials` says which credentials of this ' +
      'workspace stand in for those that the export names; what it does not say stays as it is.',
    body: importableWorkflowSchema,
    answers: CREATED_ANSWERS,
    refusals: { 422: ['INVALID_WORKFLOW'] },
  })
  async import(
    @CurrentAccess() access: Access,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowView> {
    const workflowId = creationIdsOf(reply.request).newId('workflow');
    return answerCreated(reply, await this.changeWorkflow.importFrom(authorOf(access), workflowId, body));
  }
}
