import { Body, Controller, Delete, Get, Headers, HttpCode, Post, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { EmailTemplateId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import { isKnown, versionOfIfMatch } from '../platform/http/entity-tags.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { creationIdsOf } from '../platform/idempotency/creation-ids.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { DeleteTemplate } from './delete-template.ts';
import {
  listTemplatesQuery,
  templateSummaryView,
  templateView,
  writeTemplateBody,
  type ListTemplatesQuery,
  type TemplateSummaryView,
  type TemplateView,
  type WriteTemplateBody,
} from './email-templates.dto.ts';
import { ReadTemplates } from './read-templates.ts';
import { WriteTemplate } from './write-template.ts';

@Controller('v1/email-templates')
export class EmailTemplatesController {
  constructor(
    private readonly writing: WriteTemplate,
    private readonly reading: ReadTemplates,
    private readonly deleting: DeleteTemplate,
  ) {}

  @Post()
  @Idempotent()
  @RequirePermission('emailTemplates:write')
  @AuditedChange('emailTemplate.create')
  @Operation({
    summary: 'Create an email template',
    description:
      'What `email.send` makes mails of, with data: MJML or HTML with Liquid in it. It becomes version 1. Values are ' +
      'escaped where they stand in HTML. A workspace has at most 200 templates, each with at most 1,000 versions.',
    answers: { 201: { description: 'It is stored.', schema: templateView, headers: ['etag', 'location'] } },
    refusals: {
      409: ['EMAIL_TEMPLATE_NAME_TAKEN'],
      422: ['EMAIL_TEMPLATE_LIMIT_REACHED', 'INVALID_EMAIL_TEMPLATE'],
      503: ['EMAIL_TEMPLATES_BUSY'],
    },
  })
  async create(
    @CurrentAccess() { workspaceId }: Access,
    @Body({ schema: writeTemplateBody }) body: WriteTemplateBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TemplateView> {
    const id = creationIdsOf(reply.request).newId('emailTemplate');
    const view = await this.writing.create({ workspaceId, id }, body);
    reply.header('location', `/v1/email-templates/${view.id}`).header('etag', entityTagOf(view));
    return view;
  }

  @Get()
  @RequirePermission('emailTemplates:read')
  @Operation({
    summary: 'List the email templates',
    answers: { 200: { description: 'A page, newest first.', schema: pageSchema(templateSummaryView) } },
  })
  list(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: listTemplatesQuery }) query: ListTemplatesQuery,
  ): Promise<Page<TemplateSummaryView>> {
    return this.reading.list(workspaceId, query);
  }

  @Get(':id')
  @RequirePermission('emailTemplates:read')
  @Operation({
    summary: 'Get an email template',
    requestHeaders: ['if-none-match'],
    answers: {
      200: { description: 'The template at its latest version.', schema: templateView, headers: ['etag'] },
      304: { description: 'The caller has it already.', headers: ['etag'] },
    },
  })
  async get(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('emailTemplate') id: EmailTemplateId,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TemplateView | undefined> {
    const view = await this.reading.get({ workspaceId, id });
    const tag = entityTagOf(view);
    reply.header('etag', tag);
    if (!isKnown(ifNoneMatch, tag)) return view;
    reply.status(304);
    return undefined;
  }

  @Put(':id')
  @RequirePermission('emailTemplates:write')
  @AuditedChange('emailTemplate.update')
  @Operation({
    summary: 'Write a new version of an email template',
    description:
      'All of it. What is the same as the latest version makes no new one. Mails that name no version are made of the new ' +
      'one within a second or so.',
    requestHeaders: ['if-match'],
    answers: { 200: { description: 'The template as it is now.', schema: templateView, headers: ['etag'] } },
    refusals: {
      409: ['EMAIL_TEMPLATE_NAME_TAKEN'],
      412: ['EMAIL_TEMPLATE_CHANGED', 'IF_MATCH_NO_MATCH'],
      422: ['EMAIL_TEMPLATE_VERSION_LIMIT_REACHED', 'INVALID_EMAIL_TEMPLATE'],
      428: ['IF_MATCH_REQUIRED'],
      503: ['EMAIL_TEMPLATES_BUSY'],
    },
  })
  async publish(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('emailTemplate') id: EmailTemplateId,
    @Headers('if-match') ifMatch: string | undefined,
    @Body({ schema: writeTemplateBody }) body: WriteTemplateBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TemplateView> {
    const view = await this.writing.publish({ workspaceId, id }, versionOfIfMatch(ifMatch), body);
    reply.header('etag', entityTagOf(view));
    return view;
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('emailTemplates:write')
  @AuditedChange('emailTemplate.delete')
  @Operation({
    summary: 'Delete an email template',
    description:
      'With all its versions. One that an active workflow uses stays: the answer then has the ids of these workflows as ' +
      '`path` of its `errors`.',
    answers: { 204: { description: 'It is gone.' } },
    refusals: { 409: ['EMAIL_TEMPLATE_IN_USE'], 503: ['READ_MODEL_BEHIND'] },
  })
  delete(@CurrentAccess() { workspaceId }: Access, @IdParam('emailTemplate') id: EmailTemplateId): Promise<void> {
    return this.deleting.execute(workspaceId, id);
  }
}

function entityTagOf({ version }: TemplateView): string {
  return `"${version}"`;
}
