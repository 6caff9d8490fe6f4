import { Body, Controller, Delete, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { SuppressionId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { ChangeSuppressions } from './change-suppressions.ts';
import { ReadSuppressions } from './read-suppressions.ts';
import {
  createSuppressionBody,
  listSuppressionsQuery,
  suppressionView,
  type CreateSuppressionBody,
  type ListSuppressionsQuery,
  type SuppressionView,
} from './suppressions.dto.ts';

@Controller('v1/suppressions')
export class SuppressionsController {
  constructor(
    private readonly changing: ChangeSuppressions,
    private readonly reading: ReadSuppressions,
  ) {}

  @Post()
  @Idempotent()
  @RequirePermission('emails:write')
  @AuditedChange('suppression.create')
  @Operation({
    summary: 'Keep mail from an address',
    description:
      '`email.send` sends no mail to it from now on: none at all, or none about a topic. Hard bounces, complaints and ' +
      'readers who unsubscribe put addresses there by themselves. What is there and lasts at least as long stays as it is.',
    answers: {
      201: { description: 'It is on the list.', schema: suppressionView, headers: ['location'] },
      200: { description: 'It was there, for at least as long.', schema: suppressionView, headers: ['location'] },
      202: {
        description: 'It holds; the list shows it a little later.',
        schema: suppressionView,
        headers: ['location'],
      },
    },
    refusals: { 422: ['SUPPRESSION_EXPIRY_PASSED'] },
  })
  async create(
    @CurrentAccess() { workspaceId }: Access,
    @Body({ schema: createSuppressionBody }) body: CreateSuppressionBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SuppressionView> {
    const { view, isNew, isVisible } = await this.changing.add(workspaceId, body);
    const status = isNew ? 201 : 200;
    reply.status(isVisible ? status : 202).header('location', `/v1/suppressions/${view.id}`);
    return view;
  }

  @Get()
  @RequirePermission('emails:read')
  @Operation({
    summary: 'List who gets no mail',
    description: 'Newest first, in any combination of filters. What has expired is not there.',
    answers: { 200: { description: 'A page.', schema: pageSchema(suppressionView) } },
  })
  list(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: listSuppressionsQuery }) query: ListSuppressionsQuery,
  ): Promise<Page<SuppressionView>> {
    return this.reading.list(workspaceId, query);
  }

  @Get(':id')
  @RequirePermission('emails:read')
  @Operation({
    summary: 'Get a suppression',
    answers: { 200: { description: 'The suppression.', schema: suppressionView } },
  })
  get(@CurrentAccess() { workspaceId }: Access, @IdParam('suppression') id: SuppressionId): Promise<SuppressionView> {
    return this.reading.get(workspaceId, id);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('emails:write')
  @AuditedChange('suppression.delete')
  @Operation({
    summary: 'Let an address get mail again',
    description:
      'What made it be there may do so again: an address that does not exist bounces again, and a reader who complained may ' +
      'complain again.',
    answers: {
      204: { description: 'It is off the list.' },
      202: { description: 'It is off the list, which shows that a little later.' },
    },
  })
  async delete(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('suppression') id: SuppressionId,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const { isVisible } = await this.changing.remove(workspaceId, id);
    if (!isVisible) reply.status(202);
  }
}
