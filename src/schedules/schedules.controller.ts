import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import type { ScheduleId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange, NotAudited } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { PreviewSchedule } from './preview-schedule.ts';
import { proofView, type ProofView } from './proof-view.ts';
import { ProveSchedule } from './prove-schedule.ts';
import { ReadSchedules } from './read-schedules.ts';
import { scheduleView, type ScheduleView } from './schedule-view.ts';
import {
  listSchedulesQuery,
  previewBody,
  previewView,
  proofQuery,
  type ListSchedulesQuery,
  type PreviewBody,
  type PreviewView,
  type ProofQuery,
} from './schedules.dto.ts';
import { SteerSchedule } from './steer-schedule.ts';

@Controller('v1/schedules')
export class SchedulesController {
  constructor(
    private readonly reading: ReadSchedules,
    private readonly steering: SteerSchedule,
    private readonly proving: ProveSchedule,
    private readonly previewing: PreviewSchedule,
  ) {}

  @Get()
  @RequirePermission('schedules:read')
  @Operation({
    summary: 'List schedules',
    description: 'Those of active workflows, the newest first: one for each `trigger.schedule` node.',
    answers: { 200: { description: 'A page.', schema: pageSchema(scheduleView) } },
  })
  list(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: listSchedulesQuery }) query: ListSchedulesQuery,
  ): Page<ScheduleView> {
    return this.reading.list(workspaceId, query);
  }

  @Post('preview')
  @HttpCode(200)
  @RequirePermission('schedules:read')
  @NotAudited('it changes nothing')
  @Operation({
    summary: 'Preview a schedule',
    description:
      'When a rule is due. A fixed time, which has one value in minute and in hour, that falls into a gap of the clocks is ' +
      'due at the first instant after it, and in an overlap once, in the first pass. With a wildcard, step, list or range in ' +
      'minute or hour it is due at every instant whose wall clock matches: in both passes, and not in the gap.',
    answers: { 200: { description: 'The instants.', schema: previewView } },
    refusals: { 422: ['INVALID_SCHEDULE'] },
  })
  preview(@Body({ schema: previewBody }) body: PreviewBody): PreviewView {
    return this.previewing.preview(body);
  }

  @Get(':id')
  @RequirePermission('schedules:read')
  @Operation({
    summary: 'Get a schedule',
    answers: { 200: { description: 'The schedule.', schema: scheduleView } },
  })
  get(@CurrentAccess() { workspaceId }: Access, @IdParam('schedule') scheduleId: ScheduleId): ScheduleView {
    return this.reading.get({ workspaceId, scheduleId });
  }

  @Post(':id/pause')
  @HttpCode(200)
  @RequirePermission('schedules:write')
  @AuditedChange('schedule.pause')
  @Operation({
    summary: 'Pause a schedule',
    description:
      'Slots from now on are skipped until it is resumed, also those of versions that are activated meanwhile. What was ' +
      'due before is still fired. Pausing a paused one changes nothing.',
    answers: { 200: { description: 'The schedule as it is now.', schema: scheduleView } },
    refusals: { 409: ['SCHEDULE_NOT_ACTIVE'] },
  })
  pause(
    @CurrentAccess() { workspaceId, actor }: Access,
    @IdParam('schedule') scheduleId: ScheduleId,
  ): Promise<ScheduleView> {
    return this.steering.turn({ workspaceId, scheduleId }, 'PauseSchedule', actor);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @RequirePermission('schedules:write')
  @AuditedChange('schedule.resume')
  @Operation({
    summary: 'Resume a schedule',
    description:
      'Slots from now on are fired. Those of the pause stay skipped; a backfill runs them. Resuming one that is not paused ' +
      'changes nothing.',
    answers: { 200: { description: 'The schedule as it is now.', schema: scheduleView } },
    refusals: { 409: ['SCHEDULE_NOT_ACTIVE'] },
  })
  resume(
    @CurrentAccess() { workspaceId, actor }: Access,
    @IdParam('schedule') scheduleId: ScheduleId,
  ): Promise<ScheduleView> {
    return this.steering.turn({ workspaceId, scheduleId }, 'ResumeSchedule', actor);
  }

  @Get(':id/proof')
  @RequirePermission('schedules:read')
  @Operation({
    summary: 'Prove what came of the slots',
    description:
      "Computes the slots of a stretch of time from the terms of all versions that were active then, reads the schedule's " +
      'history, and says whether they match one to one. Also of a schedule that is not active any more. At most 10,000 slots. ' +
      '`fired` means decided: its execution is started from there, and once, whatever happens.',
    answers: { 200: { description: 'Slots and outcomes.', schema: proofView } },
    refusals: { 422: ['TOO_MANY_SLOTS'] },
  })
  proof(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('schedule') scheduleId: ScheduleId,
    @Query({ schema: proofQuery }) query: ProofQuery,
  ): Promise<ProofView> {
    return this.proving.prove({ workspaceId, scheduleId }, query);
  }
}
