import { Body, Controller, Delete, Get, Put } from '@nestjs/common';
import type { ExecutionId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { EraseData } from './erase-data.ts';
import { RetentionPeriod } from './retention-period.ts';
import {
  erasedView,
  retentionBody,
  retentionView,
  type ErasedView,
  type RetentionBody,
  type RetentionView,
} from './retention.dto.ts';

@Controller('v1')
export class RetentionController {
  constructor(
    private readonly period: RetentionPeriod,
    private readonly erasing: EraseData,
  ) {}

  @Get('retention')
  @RequirePermission('retention:read')
  @Operation({
    summary: 'Read how long executions are kept',
    answers: { 200: { description: 'The period.', schema: retentionView } },
  })
  get(@CurrentAccess() { workspaceId }: Access): Promise<RetentionView> {
    return this.period.get(workspaceId);
  }

  @Put('retention')
  @RequirePermission('retention:write')
  @AuditedChange('retention.update')
  @Operation({
    summary: 'Say how long executions are kept',
    description:
      'After their end. Then they are removed within some minutes, with their histories and payloads: for good. What the audit says of ' +
      'them stays.',
    answers: { 200: { description: 'The period from now on.', schema: retentionView } },
  })
  set(
    @CurrentAccess() { workspaceId }: Access,
    @Body({ schema: retentionBody }) { days }: RetentionBody,
  ): Promise<RetentionView> {
    return this.period.set(workspaceId, days);
  }

  @Delete('executions/:id/data')
  @RequirePermission('retention:write')
  @AuditedChange('execution.eraseData')
  @Operation({
    summary: "Erase an execution's data",
    description:
      'For good: input, outputs, signals and items of loops. Its events stay, each payload as `{erased: {sha256, bytes}}`, so that the ' +
      'history can still be verified; what needs the data (retry, fork, replay) is refused from now on with `DATA_ERASED`. Messages ' +
      'and details of errors, and variables, are not payloads and stay. Erasing it again changes nothing.',
    answers: { 200: { description: 'It is erased.', schema: erasedView } },
    refusals: { 409: ['EXECUTION_NOT_OVER', 'EXECUTION_NOT_SETTLED', 'REBUILD_RUNNING'] },
  })
  erase(@CurrentAccess() { workspaceId }: Access, @IdParam('execution') id: ExecutionId): Promise<ErasedView> {
    return this.erasing.erase(workspaceId, id);
  }
}
