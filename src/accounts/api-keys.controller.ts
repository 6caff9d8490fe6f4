import { Body, Controller, Delete, Get, Header, HttpCode, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { IdOf } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { creationIdsOf } from '../platform/idempotency/creation-ids.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import {
  apiKeyView,
  createApiKeyBody,
  listApiKeysQuery,
  newApiKeyView,
  type ApiKeyView,
  type CreateApiKeyBody,
  type ListApiKeysQuery,
  type NewApiKeyView,
} from './api-keys.dto.ts';
import { CreateApiKey } from './create-api-key.ts';
import { DeleteApiKey } from './delete-api-key.ts';
import { ReadApiKeys } from './read-api-keys.ts';

@Controller('v1/api-keys')
export class ApiKeysController {
  constructor(
    private readonly creating: CreateApiKey,
    private readonly reading: ReadApiKeys,
    private readonly deleting: DeleteApiKey,
  ) {}

  @Post()
  @RequirePermission('apiKeys:write')
  @AuditedChange('apiKey.create')
  @Idempotent()
  @Header('cache-control', 'no-store')
  @Operation({
    summary: 'Create an API key',
    description:
      'A key belongs to the workspace, not to whoever made it, and works until it expires or is deleted. ' +
      'At most 100 in a workspace.',
    answers: { 201: { description: 'The key, shown this once.', schema: newApiKeyView, headers: ['location'] } },
    refusals: { 422: ['API_KEY_EXPIRY_PASSED', 'TOO_MANY_API_KEYS'] },
  })
  async create(
    @CurrentAccess() access: Access,
    @Body({ schema: createApiKeyBody }) body: CreateApiKeyBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<NewApiKeyView> {
    const made = await this.creating.execute(access, creationIdsOf(reply.request).newId('apiKey'), body);
    reply.header('location', `/v1/api-keys/${made.id}`);
    return made;
  }

  @Get()
  @RequirePermission('apiKeys:read')
  @Operation({
    summary: 'List the API keys',
    answers: { 200: { description: 'A page, newest first.', schema: pageSchema(apiKeyView) } },
  })
  list(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: listApiKeysQuery }) query: ListApiKeysQuery,
  ): Promise<Page<ApiKeyView>> {
    return this.reading.list(workspaceId, query);
  }

  @Get(':id')
  @RequirePermission('apiKeys:read')
  @Operation({
    summary: 'Get an API key',
    answers: { 200: { description: 'What is known of it, but the key itself.', schema: apiKeyView } },
  })
  get(@CurrentAccess() { workspaceId }: Access, @IdParam('apiKey') id: IdOf<'apiKey'>): Promise<ApiKeyView> {
    return this.reading.get(workspaceId, id);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('apiKeys:write')
  @AuditedChange('apiKey.delete')
  @Operation({
    summary: 'Delete an API key',
    answers: { 204: { description: 'It opens nothing any more; other processes notice within 5 seconds.' } },
  })
  delete(@CurrentAccess() { workspaceId }: Access, @IdParam('apiKey') id: IdOf<'apiKey'>): Promise<void> {
    return this.deleting.execute(workspaceId, id);
  }
}
