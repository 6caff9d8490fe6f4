import { defineEntity, p } from '@mikro-orm/core';
import type { OpenApiDocumentId, WorkspaceId } from '#libs/kernel';
import type { OpenApiDocument, Operation } from '#libs/openapi-documents';

/** What a document says of itself, apart from its operations. */
export interface AboutDocument extends Omit<OpenApiDocument, 'operations'> {
  readonly operationCount: number;
}

const StoredDocumentSchema = defineEntity({
  name: 'StoredDocument',
  tableName: 'openapi_documents',
  properties: {
    id: p.string().$type<OpenApiDocumentId>().primary(),
    workspaceId: p.string().$type<WorkspaceId>(),
    /** Of the latest version; unique in the workspace. */
    name: p.string(),
    latestVersion: p.integer(),
    createdAt: p.datetime(),
    /** When the latest version was written. */
    updatedAt: p.datetime(),
  },
});
export class StoredDocument extends StoredDocumentSchema.class {}
StoredDocumentSchema.setClass(StoredDocument);

/** Never changes. */
const StoredDocumentVersionSchema = defineEntity({
  name: 'StoredDocumentVersion',
  tableName: 'openapi_document_versions',
  properties: {
    documentId: p.string().$type<OpenApiDocumentId>().primary(),
    version: p.integer().primary(),
    name: p.string(),
    about: p.json().$type<AboutDocument>().columnType('json'),
    /** SHA-256 of the source, in hex. */
    digest: p.string(),
    /** As it was sent, as gzip. */
    source: p.blob(),
    /** Of the source as gzip and of the operations as JSON. */
    storedBytes: p.integer(),
    createdAt: p.datetime(),
  },
});
export class StoredDocumentVersion extends StoredDocumentVersionSchema.class {}
StoredDocumentVersionSchema.setClass(StoredDocumentVersion);

const StoredOperationSchema = defineEntity({
  name: 'StoredOperation',
  tableName: 'openapi_operations',
  properties: {
    documentId: p.string().$type<OpenApiDocumentId>().primary(),
    version: p.integer().primary(),
    operationId: p.string().primary(),
    /** In the document, from 1. */
    position: p.integer(),
    method: p.string(),
    path: p.string(),
    summary: p.string().nullable(),
    deprecated: p.boolean(),
    tags: p.array().$type<string[]>(),
    operation: p.json().$type<Operation>().columnType('json'),
  },
});
export class StoredOperation extends StoredOperationSchema.class {}
StoredOperationSchema.setClass(StoredOperation);

export const openapiDocumentsEntities = [StoredDocument, StoredDocumentVersion, StoredOperation];
