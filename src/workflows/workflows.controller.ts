import { Body, Controller, Get, Headers, HttpCode, Inject, Post, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { WorkflowId } from '#libs/kernel';
import type { Config } from '../config/config.ts';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageOf, placeOf, type Page } from '../platform/http/page.ts';
import { creationIdsOf } from '../platform/idempotency/creation-ids.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { CONFIG } from '../platform/tokens.ts';
import { ChangeWorkflow, type Author, type WorkflowChange } from './change-workflow.ts';
import { entityTagOf, versionOfIfMatch } from './entity-tag.ts';
import { ReadWorkflows } from './read-workflows.ts';
import { webhookViewsOf, workflowViewOf, type WebhookView, type WorkflowView } from './workflow-view.ts';
import { activateBody, listWorkflowsQuery, type ActivateBody, type ListWorkflowsQuery } from './workflows.dto.ts';

@Controller('v1/workflows')
export class WorkflowsController {
  constructor(
    private readonly changeWorkflow: ChangeWorkflow,
    private readonly readWorkflows: ReadWorkflows,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @RequirePermission('workflows:write')
  @Idempotent()
  async create(
    @CurrentAccess() access: Access,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowView> {
    const workflowId = creationIdsOf(reply.request).newId('workflow');
    const change = await this.changeWorkflow.create(authorOf(access), workflowId, body);
    reply.header('location', `/v1/workflows/${change.record.id}`);
    return answer(reply, change, 201);
  }

  @Get()
  @RequirePermission('workflows:read')
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
  async get(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('workflow') id: WorkflowId,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowView> {
    const record = await this.readWorkflows.get(workspaceId, id);
    reply.header('etag', entityTagOf(record.latestVersion));
    return workflowViewOf(record);
  }

  @Put(':id')
  @RequirePermission('workflows:write')
  async publish(
    @CurrentAccess() access: Access,
    @IdParam('workflow') id: WorkflowId,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowView> {
    const expectedVersion = versionOfIfMatch(ifMatch);
    return answer(
      reply,
      await this.changeWorkflow.publish(authorOf(access), id, { input: body, expectedVersion }),
      200,
    );
  }

  @Post(':id/activate')
  @HttpCode(200)
  @RequirePermission('workflows:write')
  async activate(
    @CurrentAccess() access: Access,
    @IdParam('workflow') id: WorkflowId,
    @Body({ schema: activateBody }) body: ActivateBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowView> {
    return answer(reply, await this.changeWorkflow.activate(authorOf(access), id, body?.version), 200);
  }

  @Post(':id/deactivate')
  @HttpCode(200)
  @RequirePermission('workflows:write')
  async deactivate(
    @CurrentAccess() access: Access,
    @IdParam('workflow') id: WorkflowId,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowView> {
    return answer(reply, await this.changeWorkflow.deactivate(authorOf(access), id), 200);
  }

  @Get(':id/webhooks')
  @RequirePermission('webhooks:read')
  async webhooks(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('workflow') id: WorkflowId,
  ): Promise<Page<WebhookView>> {
    const record = await this.readWorkflows.get(workspaceId, id);
    return { items: webhookViewsOf(record, this.config.http.publicUrl), nextCursor: null };
  }
}

function authorOf({ workspaceId, actor }: Access): Author {
  return { workspaceId, actor };
}

/** A change that the read models do not show yet is answered as accepted, with the same body. */
function answer(reply: FastifyReply, { record, visible }: WorkflowChange, status: number): WorkflowView {
  reply.status(visible ? status : 202).header('etag', entityTagOf(record.latestVersion));
  return workflowViewOf(record);
}
