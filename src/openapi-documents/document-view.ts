import { MillraceError, type JsonObject } from '#libs/kernel';
import { inputSchemaOf, credentialTypesFor, OperationCheck } from '#libs/openapi-documents';
import type {
  DocumentSummaryView,
  DocumentVersionSummaryView,
  DocumentVersionView,
  DocumentView,
} from './openapi-documents.dto.ts';
import type { StoredDocument, StoredDocumentVersion, StoredOperation } from './openapi-documents.entities.ts';
import type { ListedOperationView, OperationView } from './openapi-operations.dto.ts';

type Document = Pick<StoredDocument, 'id' | 'name' | 'latestVersion' | 'createdAt' | 'updatedAt'>;
type Version = Pick<StoredDocumentVersion, 'version' | 'name' | 'createdAt' | 'about'>;

export function summaryViewOf({ id, name, latestVersion, createdAt, updatedAt }: Document): DocumentSummaryView {
  return { id, name, version: latestVersion, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

/** `latest` is the latest version of the document. */
export function documentViewOf({ id, createdAt }: Pick<Document, 'id' | 'createdAt'>, latest: Version): DocumentView {
  const { createdAt: updatedAt, ...shown } = versionViewOf(latest);
  return { id, ...shown, createdAt: createdAt.toISOString(), updatedAt };
}

export function versionSummaryViewOf({
  version,
  name,
  createdAt,
}: Pick<Version, 'version' | 'name' | 'createdAt'>): DocumentVersionSummaryView {
  return { version, name, createdAt: createdAt.toISOString() };
}

export function versionViewOf(row: Version): DocumentVersionView {
  const { servers, securitySchemes, ...about } = row.about;
  return {
    ...versionSummaryViewOf(row),
    ...about,
    servers: servers.map(({ url, description = null }) => ({ url, description })),
    securitySchemes: Object.entries(securitySchemes).map(([name, { type }]) => ({ name, type })),
  };
}

export function listedOperationViewOf(row: StoredOperation): ListedOperationView {
  const { operationId, method, path, summary, deprecated, tags } = row;
  const inputSchema = inputSchemaOf(row.operation);
  return { operationId, method, path, summary: summary ?? null, deprecated, tags, inputSchema };
}

export function operationViewOf(row: StoredOperation): OperationView {
  const { operation } = row;
  const { description = null, parameters, body, security, servers } = operation;
  return {
    ...listedOperationViewOf(row),
    description,
    parameters: parameters.map(({ key, name, in: place, required }) => ({ key, name, in: place, required })),
    contentTypes: body?.content.map(({ mediaType }) => mediaType) ?? [],
    security: security && security.map((all) => all.map(({ name, scheme }) => ({ name, type: scheme.type }))),
    credentialTypes: credentialTypesFor(security),
    servers: servers.map(({ url }) => url),
    unchecked: OperationCheck.of(operation).unchecked(),
  };
}

/** For the audit. */
export function documentSummary({ name, version }: Pick<DocumentView, 'name' | 'version'>): JsonObject {
  return { name, version };
}

export function documentNotFound(id: string): MillraceError {
  return new MillraceError('notFound', 'OPENAPI_DOCUMENT_NOT_FOUND', `there is no OpenAPI document ${id}`);
}

export function versionNotFound(version: number): MillraceError {
  const message = `the OpenAPI document has no version ${version}`;
  return new MillraceError('notFound', 'OPENAPI_DOCUMENT_VERSION_NOT_FOUND', message);
}
