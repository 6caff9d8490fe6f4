import { Body, Controller, Get, HttpCode, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { MAX_TARGETS } from '#libs/bulk-jobs';
import type { JobId, ScheduleId, WorkflowId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange, NotAudited } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { creationIdsOf } from '../platform/idempotency/creation-ids.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { backfillSlotsBody, type BackfillSlotsBody } from '../schedules/schedules.dto.ts';
import { BeginBulk } from './begin-bulk.ts';
import { BeginSlots } from './begin-slots.ts';
import { bulkJobView, type BulkJobView } from './bulk-job-view.ts';
import { backfillBody, bulkBody, type BackfillBody, type BulkBody } from './bulk.dto.ts';

const ACCEPTED = { 202: { description: 'The job was accepted.', schema: bulkJobView, headers: ['location'] } } as const;

@Controller('v1')
export class BulkController {
  constructor(
    private readonly bulk: BeginBulk,
    private readonly slots: BeginSlots,
  ) {}

  @Post('executions/bulk')
  @RequirePermission('executions:steer')
  @AuditedChange('execution.bulk')
  @Idempotent()
  @HttpCode(202)
  @Operation({
    summary: 'Cancel or retry many executions',
    description:
      `Those that match now, at most ${MAX_TARGETS} of them. The server does it at a bounded rate, whatever is restarted ` +
      'meanwhile; follow the job at `Location`. A retry starts a new execution for each, once.',
    answers: ACCEPTED,
  })
  async begin(
    @CurrentAccess() access: Access,
    @Body({ schema: bulkBody }) body: BulkBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BulkJobView> {
    const id = creationIdsOf(reply.request).newId('job');
    return located(await this.bulk.begin(id, access, body), reply);
  }

  @Post('workflows/:id/backfill')
  @RequirePermission('executions:start')
  @AuditedChange('workflow.backfill')
  @Idempotent()
  @HttpCode(202)
  @Operation({
    summary: 'Feed calls of a webhook to a workflow',
    description:
      'Calls that were accepted before the workflow was there, or before it listened: each starts it with what the trigger ' +
      `gave then, once for each version however often it is asked for; the oldest first, at most ${MAX_TARGETS} a job, of which ` +
      '`nextFrom` says where to go on.',
    answers: ACCEPTED,
    refusals: { 404: ['WEBHOOK_NOT_FOUND', 'WORKFLOW_VERSION_NOT_FOUND'], 422: ['NO_TRIGGER'] },
  })
  async backfill(
    @CurrentAccess() access: Access,
    @IdParam('workflow') workflowId: WorkflowId,
    @Body({ schema: backfillBody }) body: BackfillBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BulkJobView> {
    const id = creationIdsOf(reply.request).newId('job');
    return located(await this.bulk.backfill(id, access, workflowId, body), reply);
  }

  @Post('schedules/:id/backfill')
  @RequirePermission('schedules:write')
  @AuditedChange('schedule.backfill')
  @Idempotent()
  @HttpCode(202)
  @Operation({
    summary: 'Run slots of the past',
    description:
      "Slots of the active version's rule that have no execution: missed, skipped, coalesced, or of before the schedule was " +
      'there. Each is started once, whoever asks how often; one that got an execution meanwhile is refused with ' +
      '`SLOT_ALREADY_RUN`. ' +
      `The oldest first, at most ${MAX_TARGETS} a job, of which \`nextFrom\` says where to go on.`,
    answers: ACCEPTED,
    refusals: { 409: ['SCHEDULE_NOT_ACTIVE'], 422: ['SLOTS_TO_COME', 'HISTORY_NOT_KEPT'] },
  })
  async backfillSlots(
    @CurrentAccess() access: Access,
    @IdParam('schedule') scheduleId: ScheduleId,
    @Body({ schema: backfillSlotsBody }) body: BackfillSlotsBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BulkJobView> {
    const id = creationIdsOf(reply.request).newId('job');
    return located(await this.slots.begin(id, access, scheduleId, body), reply);
  }

  @Get('executions/bulk/:jobId')
  @RequirePermission('executions:read')
  @NotAudited('it shows no payload')
  @Operation({
    summary: 'Follow a job that works on many executions',
    description: 'Kept for 30 days. Its figures are saved once a second.',
    answers: { 200: { description: 'The job.', schema: bulkJobView } },
  })
  get(@CurrentAccess() { workspaceId }: Access, @IdParam('job', 'jobId') id: JobId): Promise<BulkJobView> {
    return this.bulk.get(workspaceId, id);
  }

  @Post('executions/bulk/:jobId/cancel')
  @RequirePermission('executions:steer')
  @AuditedChange('bulk.cancel')
  @HttpCode(202)
  @Operation({
    summary: 'Cancel a job that works on many executions',
    description: 'It ends within a second or so; what was done stays done.',
    answers: { 202: { description: 'It is to end, or was over before.', schema: bulkJobView } },
  })
  cancel(@CurrentAccess() { workspaceId }: Access, @IdParam('job', 'jobId') id: JobId): Promise<BulkJobView> {
    return this.bulk.cancel(workspaceId, id);
  }
}

function located(job: BulkJobView, reply: FastifyReply): BulkJobView {
  reply.header('location', `/v1/executions/bulk/${job.id}`);
  return job;
}
