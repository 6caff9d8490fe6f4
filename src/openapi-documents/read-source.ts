import { createHash } from 'node:crypto';
import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { MillraceError } from '#libs/kernel';
import { OpenApiDocumentError, readDocument, type OperationEntry } from '#libs/openapi-documents';
import type { WriteDocumentBody } from './openapi-documents.dto.ts';
import type { StoredDocumentVersion } from './openapi-documents.entities.ts';

const compressed = promisify(gzip);

/** What a version becomes of what somebody sent. */
export interface ReadSource extends Pick<StoredDocumentVersion, 'about' | 'source' | 'storedBytes'> {
  readonly operations: readonly OperationEntry[];
}

/** The document as a text, however it was sent. */
export function textOf({ document }: Pick<WriteDocumentBody, 'document'>): string {
  return typeof document === 'string' ? document : JSON.stringify(document);
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Throws `INVALID_OPENAPI_DOCUMENT` with all problems, `OPENAPI_DOCUMENT_TOO_LARGE`, `OPENAPI_DOCUMENTS_BUSY`. */
export async function readSource(text: string): Promise<ReadSource> {
  const { operations, ...about } = await documentIn(text);
  const source = await compressed(text);
  const storedBytes = operations.reduce((sum, { json }) => sum + Buffer.byteLength(json), source.length);
  return { about: { ...about, operationCount: operations.length }, source, storedBytes, operations };
}

async function documentIn(text: string) {
  try {
    return await readDocument(text);
  } catch (error) {
    if (!(error instanceof OpenApiDocumentError)) throw error;
    const { code, message, problems } = error;
    if (code === 'OPENAPI_DOCUMENTS_BUSY') throw busy(error);
    if (code === 'OPENAPI_DOCUMENT_TOO_LARGE')
      throw new MillraceError('refused', code, message, { problems, cause: error });
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    const told = `the OpenAPI document has ${count}`;
    throw new MillraceError('refused', 'INVALID_OPENAPI_DOCUMENT', told, { problems, cause: error });
  }
}

function busy(cause: OpenApiDocumentError): MillraceError {
  const message = 'too many OpenAPI documents are read at the moment; try again';
  return new MillraceError('unavailable', 'OPENAPI_DOCUMENTS_BUSY', message, { retryAfterMs: 1_000, cause });
}
