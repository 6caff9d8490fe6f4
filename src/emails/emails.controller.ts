import { Controller, Get, Query } from '@nestjs/common';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { deliverabilityView, type DeliverabilityView } from './deliverability.dto.ts';
import {
  deliverabilityQuery,
  emailView,
  listEmailsQuery,
  type DeliverabilityQuery,
  type EmailView,
  type ListEmailsQuery,
} from './emails.dto.ts';
import { ReadDeliverability } from './read-deliverability.ts';
import { ReadEmails } from './read-emails.ts';

@Controller('v1/emails')
export class EmailsController {
  constructor(
    private readonly reading: ReadEmails,
    private readonly counting: ReadDeliverability,
  ) {}

  @Get()
  @RequirePermission('emails:read')
  @Operation({
    summary: 'List mails',
    description:
      'Newest first, in any combination of filters: each mail to each of its recipients, with what became of it, for a ' +
      'configured time after it was last heard of. What is new is here a moment later.',
    answers: { 200: { description: 'A page.', schema: pageSchema(emailView) } },
  })
  list(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: listEmailsQuery }) query: ListEmailsQuery,
  ): Promise<Page<EmailView>> {
    return this.reading.list(workspaceId, query);
  }

  @Get('deliverability')
  @RequirePermission('emails:read')
  @Operation({
    summary: 'Count what became of mails',
    description:
      'Of the mails of some time, at most 90 days and the newest 500,000 of them: in all, by the domains of their ' +
      'recipients, and by why they were not sent or came back.',
    answers: { 200: { description: 'The numbers.', schema: deliverabilityView } },
    refusals: { 422: ['PERIOD_TOO_LONG'] },
  })
  deliverability(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: deliverabilityQuery }) query: DeliverabilityQuery,
  ): Promise<DeliverabilityView> {
    return this.counting.count(workspaceId, query);
  }
}
