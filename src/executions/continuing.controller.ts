import { Body, Controller, Get, HttpCode, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { ExecutionId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange, NotAudited } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { creationIdsOf } from '../platform/idempotency/creation-ids.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { forkBody, lineageView, retryBody, type ForkBody, type LineageView, type RetryBody } from './continuing.dto.ts';
import { startedView, type StartedView } from './execution-view.ts';
import { ForkExecution } from './fork-execution.ts';
import { ReadLineage } from './read-lineage.ts';
import { RetryExecution } from './retry-execution.ts';

@Controller('v1/executions')
export class ContinuingController {
  constructor(
    private readonly retrying: RetryExecution,
    private readonly forking: ForkExecution,
    private readonly lineages: ReadLineage,
  ) {}

  @Post(':id/retry')
  @RequirePermission('executions:start')
  @AuditedChange('execution.retry')
  @Idempotent()
  @HttpCode(202)
  @Operation({
    summary: 'Retry an execution',
    description:
      'Starts a new execution with the same input, which keeps the results before the point where it begins again, and goes on from ' +
      'there; of a loop that was stopped, the batches that were done. The one that is retried must be over, and stays as it is; its ' +
      'dead letter, if it has one, is redriven by this.',
    answers: { 202: { description: 'It was started.', schema: startedView, headers: ['location'] } },
    refusals: {
      409: ['DATA_ERASED', 'EXECUTION_NOT_OVER', 'NOTHING_FAILED', 'WORKFLOW_DELETED'],
      422: ['NO_SUCH_TRIGGER', 'UNKNOWN_NODE'],
    },
  })
  async retry(
    @CurrentAccess() { workspaceId, actor }: Access,
    @IdParam('execution') executionId: ExecutionId,
    @Body({ schema: retryBody }) { from, version }: RetryBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StartedView> {
    const newId = creationIdsOf(reply.request).newId('execution');
    await this.retrying.retry(newId, { workspaceId, executionId, actor, from, version });
    return started(newId, reply);
  }

  @Post(':id/fork')
  @RequirePermission('executions:start')
  @AuditedChange('execution.fork')
  @Idempotent()
  @HttpCode(202)
  @Operation({
    summary: 'Fork an execution',
    description:
      'Starts a new execution that shares the history up to event `at` and goes on from there: what had a result by then is not done ' +
      'again, batches of loops and signals that came included; what was under way begins anew. The execution need not be over, and ' +
      'notices nothing.',
    answers: { 202: { description: 'It was started.', schema: startedView, headers: ['location'] } },
    refusals: {
      404: ['EXECUTION_VERSION_NOT_FOUND', 'WORKFLOW_VERSION_NOT_FOUND'],
      409: ['DATA_ERASED', 'WORKFLOW_DELETED'],
      422: ['NO_SUCH_TRIGGER', 'UNKNOWN_NODE'],
    },
  })
  async fork(
    @CurrentAccess() { workspaceId, actor }: Access,
    @IdParam('execution') executionId: ExecutionId,
    @Body({ schema: forkBody }) body: ForkBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StartedView> {
    const newId = creationIdsOf(reply.request).newId('execution');
    await this.forking.fork(newId, { workspaceId, executionId, actor, ...body });
    return started(newId, reply);
  }

  @Get(':id/lineage')
  @RequirePermission('executions:read')
  @NotAudited('it shows no payload')
  @Operation({
    summary: 'Read where an execution comes from, and what came of it',
    description:
      'Retries, forks, redrives, calls that were sent again, and executions that executions started. Of descendants the first 500.',
    answers: { 200: { description: 'Its family.', schema: lineageView } },
  })
  lineage(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('execution') executionId: ExecutionId,
  ): Promise<LineageView> {
    return this.lineages.of(workspaceId, executionId);
  }
}

function started(executionId: ExecutionId, reply: FastifyReply): StartedView {
  reply.header('location', `/v1/executions/${executionId}`);
  return { executionId };
}
