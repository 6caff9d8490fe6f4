import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import type { WorkflowId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { ReadWorkflows } from '../workflows/read-workflows.ts';
import { hookView, type HookView } from './hook-view.ts';
import { ReadHooks } from './read-hooks.ts';
import { RetryHooks } from './retry-hooks.ts';

@Controller('v1/workflows/:id/hooks')
export class HooksController {
  constructor(
    private readonly readWorkflows: ReadWorkflows,
    private readonly readHooks: ReadHooks,
    private readonly retryHooks: RetryHooks,
  ) {}

  @Get()
  @RequirePermission('webhooks:read')
  @Operation({
    summary: "List a workflow's hooks",
    description:
      'Those that Millrace registers at services, so that they call the triggers of the active version, and how that ' +
      'went. Of an endpoint there are several while one takes the place of another; what is gone is told for 30 days. ' +
      'Always one page.',
    answers: { 200: { description: 'All of them.', schema: pageSchema(hookView) } },
  })
  async list(@CurrentAccess() { workspaceId }: Access, @IdParam('workflow') id: WorkflowId): Promise<Page<HookView>> {
    return { items: await this.readHooks.of(await this.readWorkflows.get(workspaceId, id)), nextCursor: null };
  }

  @Post('retry')
  @HttpCode(202)
  @RequirePermission('webhooks:write')
  @AuditedChange('hook.retry')
  @Operation({
    summary: 'Try failing hooks now',
    description: 'Those that could not be registered or removed are tried again at once, whatever they wait for.',
    answers: { 202: { description: 'They will be tried in a moment.', schema: pageSchema(hookView) } },
  })
  async retry(@CurrentAccess() { workspaceId }: Access, @IdParam('workflow') id: WorkflowId): Promise<Page<HookView>> {
    const record = await this.readWorkflows.get(workspaceId, id);
    await this.retryHooks.retry(id);
    return { items: await this.readHooks.of(record), nextCursor: null };
  }
}
