import { Body, Controller, Delete, Get, Headers, HttpCode, Post, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { WorkflowId } from '#libs/kernel';
import { definitionSchema } from '#libs/workflow-definition';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange, NotAudited } from '../platform/audit/audit.decorators.ts';
import { isKnown, versionOfIfMatch } from '../platform/http/entity-tags.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageOf, pageSchema, placeOf, type Page } from '../platform/http/page.ts';
import { creationIdsOf } from '../platform/idempotency/creation-ids.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { ChangeWorkflow } from './change-workflow.ts';
import { CheckDefinition } from './check-definition.ts';
import { entityTagOf } from './entity-tag.ts';
import { ReadWorkflows } from './read-workflows.ts';
import { validationView, validationViewOf, type ValidationView } from './validation-view.ts';
import {
  answer,
  answerCreated,
  ARCHIVED_ANSWERS,
  authorOf,
  CHANGED_ANSWERS,
  CREATED_ANSWERS,
  UNCHANGED,
} from './workflow-answers.ts';
import { workflowView, workflowViewOf, type WorkflowView } from './workflow-view.ts';
import { listWorkflowsQuery, type ListWorkflowsQuery } from './workflows.dto.ts';

@Controller('v1/workflows')
export class WorkflowsController {
  constructor(
    private readonly changeWorkflow: ChangeWorkflow,
    private readonly checkDefinition: CheckDefinition,
    private readonly readWorkflows: ReadWorkflows,
  ) {}

  @Post()
  @RequirePermission('workflows:write')
  @AuditedChange('workflow.create')
  @Idempotent()
  @Operation({
    summary: 'Create a workflow',
    description:
      'Its definition becomes version 1. Each webhook node gets a URL of its own, which stays through versions.',
    body: definitionSchema,
    answers: CREATED_ANSWERS,
    refusals: { 422: ['INVALID_WORKFLOW'] },
  })
  async create(
    @CurrentAccess() access: Access,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowView> {
    const workflowId = creationIdsOf(reply.request).newId('workflow');
    return answerCreated(reply, await this.changeWorkflow.create(authorOf(access), workflowId, body));
  }

  @Post('validate')
  @HttpCode(200)
  @RequirePermission('workflows:read')
  @NotAudited('it stores nothing')
  @Operation({
    summary: 'Check a definition',
    description: 'Says what creating the workflow would say, and stores nothing.',
    body: definitionSchema,
    answers: { 200: { description: 'What was found.', schema: validationView } },
  })
  async validate(@CurrentAccess() { workspaceId }: Access, @Body() definition: unknown): Promise<ValidationView> {
    return validationViewOf(await this.checkDefinition.check(workspaceId, { definition }));
  }

  @Get()
  @RequirePermission('workflows:read')
  @Operation({
    summary: 'List workflows',
    description: 'Newest first, each at its latest version.',
    answers: { 200: { description: 'A page of workflows.', schema: pageSchema(workflowView) } },
    refusals: { 400: ['INVALID_CURSOR'] },
  })
  async list(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: listWorkflowsQuery }) { limit, cursor, active, q }: ListWorkflowsQuery,
  ): Promise<Page<WorkflowView>> {
    const rows = await this.readWorkflows.list({
      workspaceId,
      limit: limit + 1,
      ...(active === undefined ? {} : { active: active === 'true' }),
      ...(q ? { q } : {}),
      ...(cursor === undefined ? {} : { after: placeOf(cursor) }),
    });
    return pageOf(rows, limit, workflowViewOf);
  }

  @Get(':id')
  @RequirePermission('workflows:read')
  @Operation({
    summary: 'Read a workflow',
    requestHeaders: ['if-none-match'],
    answers: {
      200: { description: 'The workflow at its latest version.', schema: workflowView, headers: ['etag'] },
      304: UNCHANGED,
    },
  })
  async get(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('workflow') id: WorkflowId,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowView | undefined> {
    const record = await this.readWorkflows.get(workspaceId, id);
    const tag = entityTagOf(record);
    reply.header('etag', tag);
    if (!isKnown(ifNoneMatch, tag)) return workflowViewOf(record);
    reply.status(304);
    return undefined;
  }

  @Put(':id')
  @RequirePermission('workflows:write')
  @AuditedChange('workflow.update')
  @Operation({
    summary: 'Publish a new version',
    description:
      'The whole definition. What is active stays active, and running executions keep the version that they started ' +
      'with. A definition that is the same as the latest version makes no new one.',
    requestHeaders: ['if-match'],
    body: definitionSchema,
    answers: CHANGED_ANSWERS,
    refusals: {
      412: ['IF_MATCH_NO_MATCH', 'WORKFLOW_CHANGED'],
      422: ['INVALID_WORKFLOW'],
      428: ['IF_MATCH_REQUIRED'],
    },
  })
  async publish(
    @CurrentAccess() access: Access,
    @IdParam('workflow') id: WorkflowId,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() definition: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowView> {
    const expectedVersion = versionOfIfMatch(ifMatch);
    const change = await this.changeWorkflow.publish(authorOf(access), id, { definition, expectedVersion });
    return answer(reply, change, 200);
  }

  @Delete(':id')
  @RequirePermission('workflows:write')
  @AuditedChange('workflow.archive')
  @Operation({
    summary: 'Archive a workflow',
    description:
      'It is deactivated and not found any more. Running executions go on to their end; executions and their histories ' +
      'stay readable.',
    answers: ARCHIVED_ANSWERS,
  })
  async archive(
    @CurrentAccess() access: Access,
    @IdParam('workflow') id: WorkflowId,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { visible } = await this.changeWorkflow.archive(authorOf(access), id);
    reply.status(visible ? 204 : 202);
  }
}
