import { Controller, Get, Query } from '@nestjs/common';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { NotAudited } from '../platform/audit/audit.decorators.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { listQuotasQuery, quotaView, type ListQuotasQuery, type QuotaView } from './quotas.dto.ts';
import { ReadQuotas } from './read-quotas.ts';

@Controller('v1/quotas')
export class QuotasController {
  constructor(private readonly reading: ReadQuotas) {}

  @Get()
  @RequirePermission('executions:read')
  @NotAudited('it shows no payload')
  @Operation({
    summary: 'List the quotas',
    description:
      'What services let this workspace call how often, by what they told or what their documentation says, and what is ' +
      'left. An attempt that finds nothing left waits in line as `rateLimit`, without being used up. Those that nobody ' +
      'took from lately are not listed.',
    answers: { 200: { description: 'A page, by key.', schema: pageSchema(quotaView) } },
  })
  list(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: listQuotasQuery }) query: ListQuotasQuery,
  ): Promise<Page<QuotaView>> {
    return this.reading.list(workspaceId, query);
  }
}
