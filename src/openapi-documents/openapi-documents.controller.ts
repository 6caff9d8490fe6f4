import { Body, Controller, Delete, Get, Headers, HttpCode, Post, Put, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { OpenApiDocumentId } from '#libs/kernel';
import { OPENAPI_LIMITS } from '#libs/openapi-documents';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { AuditedChange } from '../platform/audit/audit.decorators.ts';
import { BodyLimit } from '../platform/http/body-limit.ts';
import { isKnown, versionOfIfMatch } from '../platform/http/entity-tags.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { creationIdsOf } from '../platform/idempotency/creation-ids.ts';
import { Idempotent } from '../platform/idempotency/idempotent.ts';
import { Operation } from '../platform/openapi/operation.ts';
import { DeleteDocument } from './delete-document.ts';
import {
  documentSummaryView,
  documentView,
  listDocumentsQuery,
  writeDocumentBody,
  type DocumentSummaryView,
  type DocumentView,
  type ListDocumentsQuery,
  type WriteDocumentBody,
} from './openapi-documents.dto.ts';
import { ReadDocuments } from './read-documents.ts';
import { WriteDocument } from './write-document.ts';

const WRITE_REFUSALS = ['INVALID_OPENAPI_DOCUMENT', 'OPENAPI_DOCUMENT_LIMIT_REACHED', 'OPENAPI_DOCUMENT_TOO_LARGE'];

@Controller('v1/openapi-documents')
export class OpenApiDocumentsController {
  constructor(
    private readonly writing: WriteDocument,
    private readonly reading: ReadDocuments,
    private readonly deleting: DeleteDocument,
  ) {}

  @Post()
  @Idempotent()
  @BodyLimit(OPENAPI_LIMITS.documentBytes)
  @RequirePermission('openapiDocuments:write')
  @AuditedChange('openapiDocument.create')
  @Operation({
    summary: 'Store an OpenAPI document',
    description:
      'Whose operations `openapi.request` calls: OpenAPI 3 as JSON or YAML, in a request of at most 16 MiB. It becomes version 1. ' +
      'Nothing that it refers to elsewhere is fetched. A workspace has at most 50 documents, each with at most 200 versions.',
    answers: { 201: { description: 'It is stored.', schema: documentView, headers: ['etag', 'location'] } },
    refusals: { 409: ['OPENAPI_DOCUMENT_NAME_TAKEN'], 422: WRITE_REFUSALS, 503: ['OPENAPI_DOCUMENTS_BUSY'] },
  })
  async create(
    @CurrentAccess() { workspaceId }: Access,
    @Body({ schema: writeDocumentBody }) body: WriteDocumentBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DocumentView> {
    const id = creationIdsOf(reply.request).newId('openapiDocument');
    const view = await this.writing.create({ workspaceId, id }, body);
    reply.header('location', `/v1/openapi-documents/${view.id}`).header('etag', entityTagOf(view));
    return view;
  }

  @Get()
  @RequirePermission('openapiDocuments:read')
  @Operation({
    summary: 'List the OpenAPI documents',
    answers: { 200: { description: 'A page, newest first.', schema: pageSchema(documentSummaryView) } },
  })
  list(
    @CurrentAccess() { workspaceId }: Access,
    @Query({ schema: listDocumentsQuery }) query: ListDocumentsQuery,
  ): Promise<Page<DocumentSummaryView>> {
    return this.reading.list(workspaceId, query);
  }

  @Get(':id')
  @RequirePermission('openapiDocuments:read')
  @Operation({
    summary: 'Get an OpenAPI document',
    requestHeaders: ['if-none-match'],
    answers: {
      200: { description: 'What it says of itself, at its latest version.', schema: documentView, headers: ['etag'] },
      304: { description: 'The caller has it already.', headers: ['etag'] },
    },
  })
  async get(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('openapiDocument') id: OpenApiDocumentId,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DocumentView | undefined> {
    const view = await this.reading.get({ workspaceId, id });
    const tag = entityTagOf(view);
    reply.header('etag', tag);
    if (!isKnown(ifNoneMatch, tag)) return view;
    reply.status(304);
    return undefined;
  }

  @Put(':id')
  @BodyLimit(OPENAPI_LIMITS.documentBytes)
  @RequirePermission('openapiDocuments:write')
  @AuditedChange('openapiDocument.update')
  @Operation({
    summary: 'Write a new version of an OpenAPI document',
    description:
      'All of it. What is the same as the latest version makes no new one. Workflows go on with the version that they name.',
    requestHeaders: ['if-match'],
    answers: { 200: { description: 'The document as it is now.', schema: documentView, headers: ['etag'] } },
    refusals: {
      409: ['OPENAPI_DOCUMENT_NAME_TAKEN'],
      412: ['IF_MATCH_NO_MATCH', 'OPENAPI_DOCUMENT_CHANGED'],
      422: [...WRITE_REFUSALS, 'OPENAPI_DOCUMENT_VERSION_LIMIT_REACHED'],
      428: ['IF_MATCH_REQUIRED'],
      503: ['OPENAPI_DOCUMENTS_BUSY'],
    },
  })
  async publish(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('openapiDocument') id: OpenApiDocumentId,
    @Headers('if-match') ifMatch: string | undefined,
    @Body({ schema: writeDocumentBody }) body: WriteDocumentBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DocumentView> {
    const view = await this.writing.publish({ workspaceId, id }, versionOfIfMatch(ifMatch), body);
    reply.header('etag', entityTagOf(view));
    return view;
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('openapiDocuments:write')
  @AuditedChange('openapiDocument.delete')
  @Operation({
    summary: 'Delete an OpenAPI document',
    description:
      'With all its versions. One that an active workflow uses stays: the answer then has the ids of these workflows as ' +
      '`path` of its `errors`.',
    answers: { 204: { description: 'It is gone.' } },
    refusals: { 409: ['OPENAPI_DOCUMENT_IN_USE'], 503: ['READ_MODEL_BEHIND'] },
  })
  delete(@CurrentAccess() { workspaceId }: Access, @IdParam('openapiDocument') id: OpenApiDocumentId): Promise<void> {
    return this.deleting.execute(workspaceId, id);
  }
}

function entityTagOf({ version }: DocumentView): string {
  return `"${version}"`;
}
