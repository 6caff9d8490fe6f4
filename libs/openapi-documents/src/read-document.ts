import { extname } from 'node:path';
import { BoundedWork, ProcessEndedError, runInProcess } from '#libs/bounded-work';
import { OpenApiDocumentError } from './errors.ts';
import { OPENAPI_LIMITS } from './limits.ts';
import type { ReadingAnswer, ReadingRequest } from './reading/reading-process.ts';
import type { OpenApiDocument } from './types.ts';

/** Beside this file, and of the same kind: TypeScript as it is, or built. */
const ENTRY = new URL(`./reading/reading-process${extname(import.meta.url)}`, import.meta.url);

const { processes, waiting, readMs, memoryMiB, documentBytes } = OPENAPI_LIMITS;
const bounded = new BoundedWork({
  ...{ atOnce: processes, waiting },
  tooBusy: () => new OpenApiDocumentError('OPENAPI_DOCUMENTS_BUSY', 'too many documents are read; try again later'),
});

/**
 * Reads an OpenAPI document, JSON or YAML, in a process of its own: whatever it is, that ends, and takes none of the caller's
 * time and memory. Rejects with OpenApiDocumentError: OPENAPI_DOCUMENT_INVALID with all problems that were found,
 * OPENAPI_DOCUMENT_TOO_LARGE, OPENAPI_DOCUMENTS_BUSY.
 */
export async function readDocument(text: string): Promise<OpenApiDocument> {
  if (Buffer.byteLength(text) > documentBytes) throw tooLarge(`is larger than ${documentBytes} bytes`);
  return documentOf(await bounded.run(() => readInProcess({ text })));
}

async function readInProcess(request: ReadingRequest): Promise<ReadingAnswer> {
  try {
    return await runInProcess<ReadingAnswer>(ENTRY, request, { withinMs: readMs, memoryMiB });
  } catch (error) {
    if (!(error instanceof ProcessEndedError)) throw error;
    throw tooLarge(error.over === 'time' ? 'takes too long to read' : 'takes too much memory to read');
  }
}

function documentOf(answer: ReadingAnswer): OpenApiDocument {
  if ('document' in answer) return answer.document;
  const { code, problems } = answer;
  const [first] = problems;
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : '';
  throw new OpenApiDocumentError(code, first ? `${first.path} ${first.message}${more}` : code, problems);
}

function tooLarge(message: string): OpenApiDocumentError {
  const problems = [{ path: 'document', message }];
  return new OpenApiDocumentError('OPENAPI_DOCUMENT_TOO_LARGE', `the document ${message}`, problems);
}
