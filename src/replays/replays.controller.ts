import { Body, Controller, Get, HttpCode, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Readable } from 'node:stream';
import type { Replay } from '#libs/execution-replay';
import type { ExecutionId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedRead } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { bundleView } from './bundle-view.ts';
import { ReadBundle } from './read-bundle.ts';
import { ReplayExecution } from './replay-execution.ts';
import { replayView } from './replay-view.ts';
import { replayBody, type ReplayBody } from './replays.dto.ts';

@Controller('v1/executions')
export class ReplaysController {
  constructor(
    private readonly replayExecution: ReplayExecution,
    private readonly readBundle: ReadBundle,
  ) {}

  @Post(':id/replay')
  @HttpCode(200)
  @RequirePermission('executions:read')
  @AuditedRead('execution.replay')
  @Operation({
    summary: 'Replay an execution',
    description:
      'Takes all its decisions again, with the version that it ran with or another one, and with every recorded result. ' +
      'Nothing outside is called and nothing is recorded. One that is not over is replayed as far as it went.',
    answers: { 200: { description: 'What is not as it was recorded.', schema: replayView } },
    refusals: {
      404: ['WORKFLOW_NOT_FOUND', 'WORKFLOW_VERSION_NOT_FOUND'],
      409: ['DATA_ERASED'],
      422: ['REPLAY_TOO_LARGE'],
    },
  })
  replay(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('execution') executionId: ExecutionId,
    @Body({ schema: replayBody }) body: ReplayBody,
  ): Promise<Replay> {
    return this.replayExecution.execute(workspaceId, executionId, body?.workflowVersion);
  }

  @Get(':id/bundle')
  @RequirePermission('executions:read')
  @AuditedRead('execution.bundle')
  @Operation({
    summary: 'Download an execution as a replay bundle',
    description:
      'Its whole history with all values, the definition that it ran with, and a hash of each event, in one JSON document ' +
      'that `npm run replay` verifies and replays offline. The same history gives the same bytes.',
    answers: { 200: { description: 'The bundle.', schema: bundleView } },
  })
  async bundle(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('execution') executionId: ExecutionId,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const text = await this.readBundle.execute(workspaceId, executionId);
    await reply.type('application/json').send(Readable.from(text));
  }
}
