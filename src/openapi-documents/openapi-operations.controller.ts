import { Controller, Get, Param, Query } from '@nestjs/common';
import type { OpenApiDocumentId } from '#libs/kernel';
import { CurrentAccess, RequirePermission } from '../platform/access/access.decorators.ts';
import type { Access } from '../platform/access/authenticator.ts';
import { IdParam } from '../platform/http/id-param.ts';
import { pageSchema, type Page } from '../platform/http/page.ts';
import { versionParam } from '../platform/http/versions.ts';
import { Operation } from '../platform/openapi/operation.ts';
import {
  documentVersionSummaryView,
  documentVersionView,
  listDocumentsQuery,
  type DocumentVersionSummaryView,
  type DocumentVersionView,
  type ListDocumentsQuery,
} from './openapi-documents.dto.ts';
import {
  getOperationQuery,
  listedOperationView,
  listOperationsQuery,
  operationIdParam,
  operationView,
  type GetOperationQuery,
  type ListedOperationView,
  type ListOperationsQuery,
  type OperationView,
} from './openapi-operations.dto.ts';
import { ReadDocuments } from './read-documents.ts';
import { ReadOperations } from './read-operations.ts';

/** Versions of documents, and what these offer. */
@Controller('v1/openapi-documents')
export class OpenApiOperationsController {
  constructor(
    private readonly documents: ReadDocuments,
    private readonly operations: ReadOperations,
  ) {}

  @Get(':id/versions')
  @RequirePermission('openapiDocuments:read')
  @Operation({
    summary: "List an OpenAPI document's versions",
    answers: { 200: { description: 'A page, newest first.', schema: pageSchema(documentVersionSummaryView) } },
  })
  listVersions(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('openapiDocument') id: OpenApiDocumentId,
    @Query({ schema: listDocumentsQuery }) query: ListDocumentsQuery,
  ): Promise<Page<DocumentVersionSummaryView>> {
    return this.documents.versions({ workspaceId, id }, query);
  }

  @Get(':id/versions/:version')
  @RequirePermission('openapiDocuments:read')
  @Operation({
    summary: 'Get a version of an OpenAPI document',
    answers: { 200: { description: 'The version. It never changes.', schema: documentVersionView } },
    refusals: { 400: ['INVALID_REQUEST'], 404: ['OPENAPI_DOCUMENT_VERSION_NOT_FOUND'] },
  })
  getVersion(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('openapiDocument') id: OpenApiDocumentId,
    @Param('version', { schema: versionParam }) version: number,
  ): Promise<DocumentVersionView> {
    return this.documents.version({ workspaceId, id }, version);
  }

  @Get(':id/operations')
  @RequirePermission('openapiDocuments:read')
  @Operation({
    summary: 'List the operations of an OpenAPI document',
    answers: { 200: { description: 'A page, in the order of the document.', schema: pageSchema(listedOperationView) } },
    refusals: { 404: ['OPENAPI_DOCUMENT_VERSION_NOT_FOUND'] },
  })
  list(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('openapiDocument') id: OpenApiDocumentId,
    @Query({ schema: listOperationsQuery }) query: ListOperationsQuery,
  ): Promise<Page<ListedOperationView>> {
    return this.operations.list({ workspaceId, id }, query);
  }

  @Get(':id/operations/:operationId')
  @RequirePermission('openapiDocuments:read')
  @Operation({
    summary: 'Get an operation of an OpenAPI document',
    answers: { 200: { description: 'The operation.', schema: operationView } },
    refusals: {
      400: ['INVALID_REQUEST'],
      404: ['OPENAPI_DOCUMENT_VERSION_NOT_FOUND', 'OPENAPI_OPERATION_NOT_FOUND'],
    },
  })
  get(
    @CurrentAccess() { workspaceId }: Access,
    @IdParam('openapiDocument') id: OpenApiDocumentId,
    @Param('operationId', { schema: operationIdParam }) operationId: string,
    @Query({ schema: getOperationQuery }) { version }: GetOperationQuery,
  ): Promise<OperationView> {
    return this.operations.get({ workspaceId, id }, operationId, version);
  }
}
