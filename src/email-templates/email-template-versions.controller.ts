import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { EmailTemplateId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { NotAudited } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { versionParam } from '../platform/http/versions.ts';
import { Operation } from '../platform/openapi/operation.ts';
import {
  listTemplatesQuery,
  previewSourceBody,
  previewTemplateBody,
  previewView,
  templateVersionSummaryView,
  templateVersionView,
  type ListTemplatesQuery,
  type PreviewSourceBody,
  type PreviewTemplateBody,
  type PreviewView,
  type TemplateVersionSummaryView,
  type TemplateVersionView,
} from './email-templates.dto.ts';
import { PreviewTemplate } from './preview-template.ts';
import { ReadTemplates } from './read-templates.ts';
import { versionViewOf } from './template-view.ts';

const RENDER_REFUSALS = ['TEMPLATE_RENDER_FAILED', 'TEMPLATE_TOO_LARGE', 'TEMPLATE_VARIABLE_MISSING'];

/** Versions of templates, and mails as they would be. */
@Controller('v1/email-templates')
export class EmailTemplateVersionsController {
  constructor(
    private readonly reading: ReadTemplates,
    private readonly previewing: PreviewTemplate,
  ) {}

  @Get(':id/versions')
  @RequirePermission('emailTemplates:read')
  @Operation({
    summary: "List an email template's versions",
    answers: { 200: { description: 'A page, newest first.', schema: pageSchema(templateVersionSummaryView) } },
  })
  list(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('emailTemplate') id: EmailTemplateId,
    @Query({ schema: listTemplatesQuery }) query: ListTemplatesQuery,
  ): Promise<Page<TemplateVersionSummaryView>> {
    return this.reading.versions({ workspaceId, id }, query);
  }

  @Get(':id/versions/:version')
  @RequirePermission('emailTemplates:read')
  @Operation({
    summary: 'Get a version of an email template',
    answers: { 200: { description: 'The version. It never changes.', schema: templateVersionView } },
    refusals: { 400: ['INVALID_REQUEST'], 404: ['EMAIL_TEMPLATE_VERSION_NOT_FOUND'] },
  })
  async get(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('emailTemplate') id: EmailTemplateId,
    @Param('version', { schema: versionParam }) version: number,
  ): Promise<TemplateVersionView> {
    return versionViewOf(await this.reading.version({ workspaceId, id }, version));
  }

  @Post('preview')
  @HttpCode(200)
  @RequirePermission('emailTemplates:write')
  @NotAudited('it stores nothing')
  @Operation({
    summary: 'Preview an email template that is not stored',
    description: 'The mail that it makes with this data. Nothing is stored, and nothing is sent.',
    answers: { 200: { description: 'The mail.', schema: previewView } },
    refusals: { 422: ['INVALID_EMAIL_TEMPLATE', ...RENDER_REFUSALS], 503: ['EMAIL_TEMPLATES_BUSY'] },
  })
  previewSource(@Body({ schema: previewSourceBody }) body: PreviewSourceBody): Promise<PreviewView> {
    return this.previewing.ofSource(body);
  }

  @Post(':id/preview')
  @HttpCode(200)
  @RequirePermission('emailTemplates:read')
  @NotAudited('it stores nothing')
  @Operation({
    summary: 'Preview an email template',
    description: 'The mail that it makes with this data. Nothing is stored, and nothing is sent.',
    answers: { 200: { description: 'The mail.', schema: previewView } },
    refusals: { 404: ['EMAIL_TEMPLATE_VERSION_NOT_FOUND'], 422: RENDER_REFUSALS },
  })
  preview(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('emailTemplate') id: EmailTemplateId,
    @Body({ schema: previewTemplateBody }) body: PreviewTemplateBody,
  ): Promise<PreviewView> {
    return this.previewing.ofStored({ workspaceId, id }, body);
  }
}
