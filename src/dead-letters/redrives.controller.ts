import { Body, Controller, Get, HttpCode, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { RedriveId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange, NotAudited } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { creationIdsOf } from '../platform/idempotency/creation-ids.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { redriveJobView, type RedriveJobView } from './dead-letter-view.ts';
import { MAX_LETTERS_OF_A_JOB, redriveManyBody, type RedriveManyBody } from './dead-letters.dto.ts';
import { RedriveMany } from './redrive-many.ts';

@Controller('v1/dead-letters')
export class RedrivesController {
  constructor(private readonly redriving: RedriveMany) {}

  @Post('redrive')
  @RequirePermission('executions:start')
  @AuditedChange('deadLetter.redriveMany')
  @Idempotent()
  @HttpCode(202)
  @Operation({
    summary: 'Redrive many dead letters',
    description:
      `Those that are open now and match the filter, oldest first, at most ${MAX_LETTERS_OF_A_JOB} of them. The server does it at ` +
      'its own pace, whatever is restarted meanwhile; follow the job at `Location`.',
    answers: { 202: { description: 'The job was accepted.', schema: redriveJobView, headers: ['location'] } },
  })
  async redrive(
    @CurrentAccess() access: Access,
    @Body({ schema: redriveManyBody }) body: RedriveManyBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RedriveJobView> {
    const id = creationIdsOf(reply.request).newId('redrive');
    const job = await this.redriving.begin(id, access, body);
    reply.header('location', `/v1/dead-letters/redrives/${id}`);
    return job;
  }

  @Get('redrives/:jobId')
  @RequirePermission('executions:read')
  @NotAudited('it shows no payload')
  @Operation({
    summary: 'Follow a job that redrives many dead letters',
    description: 'Kept for 30 days. Its figures are saved once a second.',
    answers: { 200: { description: 'The job.', schema: redriveJobView } },
  })
  get(@CurrentAccess() { workspaceId }: Access, @IdParam('redrive', 'jobId') id: RedriveId): Promise<RedriveJobView> {
    return this.redriving.get(workspaceId, id);
  }
}
