import { Body, Controller, Headers, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { ExecutionId, WorkflowId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { creationIdsOf } from '../platform/idempotency/creation-ids.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { ExecutionEnd } from './execution-end.ts';
import { executionView, startedView, type ExecutionView, type StartedView } from './execution-view.ts';
import { startBody, type StartBody } from './executions.dto.ts';
import { waitSecondsOf } from './prefer-wait.ts';
import { ReadExecutions } from './read-executions.ts';
import { StartManually, type ManualStart } from './start-manually.ts';

@Controller('v1/workflows/:id/executions')
export class StartExecutionsController {
  constructor(
    private readonly startManually: StartManually,
    private readonly executionEnd: ExecutionEnd,
    private readonly readExecutions: ReadExecutions,
  ) {}

  @Post()
  @RequirePermission('executions:start')
  @AuditedChange('execution.start')
  @Idempotent()
  @Operation({
    summary: 'Start an execution',
    description:
      'From the manual trigger, or the first trigger where there is none. Answered at once; with `Prefer: wait=N` ' +
      '(seconds, at most 60) with the execution when it ends in time.',
    requestHeaders: ['prefer'],
    answers: {
      200: {
        description: 'It ended while the caller waited.',
        schema: executionView,
        headers: ['location', 'preference-applied'],
      },
      202: { description: 'It was started.', schema: startedView, headers: ['location'] },
    },
    refusals: { 404: ['WORKFLOW_VERSION_NOT_FOUND'], 422: ['NO_TRIGGER', 'UNKNOWN_NODE'] },
  })
  async start(
    @CurrentAccess() access: Access,
    @IdParam('workflow') workflowId: WorkflowId,
    @Headers('prefer') prefer: string | undefined,
    @Body({ schema: startBody }) body: StartBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ExecutionView | StartedView> {
    const executionId = creationIdsOf(reply.request).newId('execution');
    const asked = manualStartOf(access, workflowId, body);
    reply.status(202).header('location', `/v1/executions/${executionId}`);
    const waitSeconds = waitSecondsOf(prefer);
    if (waitSeconds === undefined) {
      await this.startManually.start(executionId, asked);
      return { executionId };
    }
    const execution = await this.#startAndWait(executionId, asked, waitSeconds);
    if (execution.finishedAt === null) return { executionId };
    reply.status(200).header('preference-applied', `wait=${waitSeconds}`);
    return execution;
  }

  async #startAndWait(executionId: ExecutionId, asked: ManualStart, waitSeconds: number): Promise<ExecutionView> {
    const asItIs = (): Promise<ExecutionView> => this.readExecutions.getFresh(asked.workspaceId, executionId);
    using end = this.executionEnd.listen(executionId);
    if ((await this.startManually.start(executionId, asked)) === 'already') {
      // Its end may have passed before anybody listened.
      const execution = await asItIs();
      if (execution.finishedAt !== null) return execution;
    }
    const heard = await end.within(waitSeconds * 1000);
    return heard ? await this.readExecutions.viewOf(heard) : await asItIs();
  }
}

function manualStartOf({ workspaceId, actor }: Access, workflowId: WorkflowId, body: StartBody): ManualStart {
  const { input = null, version, mode, pins } = body ?? {};
  return {
    workspaceId,
    workflowId,
    actor,
    input,
    ...(version === undefined ? {} : { version }),
    ...(mode === 'dry' ? { mode } : {}),
    ...(pins === undefined ? {} : { pins }),
  };
}
