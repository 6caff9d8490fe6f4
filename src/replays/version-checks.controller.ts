import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import type { WorkflowId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedRead } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { versionParam } from '../platform/http/versions.ts';
import { CheckVersion } from './check-version.ts';
import { versionCheckView, type VersionCheck } from './replay-view.ts';
import { checkBody, type CheckBody } from './replays.dto.ts';

const DEFAULT_LAST = 100;

@Controller('v1/workflows/:id/versions')
export class VersionChecksController {
  constructor(private readonly checkVersion: CheckVersion) {}

  /** Whoever may read workflows may read executions too. */
  @Post(':n/check')
  @HttpCode(200)
  @RequirePermission('workflows:read')
  @AuditedRead('workflow.check')
  @Operation({
    summary: 'Check a version against the last executions',
    description:
      'Replays the last executions of the workflow with this version, active or not, and says which would take another ' +
      'path. Executions that are not over and dry runs are passed by. Calls nothing outside and records nothing; takes at ' +
      'most about 20 s.',
    answers: { 200: { description: 'What it would have made of them.', schema: versionCheckView } },
    refusals: { 400: ['INVALID_REQUEST'], 404: ['WORKFLOW_VERSION_NOT_FOUND'] },
  })
  check(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('workflow') workflowId: WorkflowId,
    @Param('n', { schema: versionParam }) version: number,
    @Body({ schema: checkBody }) body: CheckBody,
  ): Promise<VersionCheck> {
    return this.checkVersion.execute({ workspaceId, workflowId, version, last: body?.last ?? DEFAULT_LAST });
  }
}
