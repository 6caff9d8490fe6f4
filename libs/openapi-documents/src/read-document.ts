import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { OpenApiDocumentError } from './errors.ts';
import { OPENAPI_LIMITS } from './limits.ts';
import type { ThreadAnswer } from './reading/reading-thread.ts';
import type { OpenApiDocument } from './types.ts';

/** Beside this file, and of the same kind: TypeScript as it is, or built. */
const ENTRY = new URL(`./reading/reading-thread${extname(import.meta.url)}`, import.meta.url);

const { threads, waiting: mostWaiting, readMs, memoryMiB, documentBytes } = OPENAPI_LIMITS;
let running = 0;
const waiting: (() => void)[] = [];

/**
 * Reads an OpenAPI document, JSON or YAML, in a thread of its own: whatever it is, that ends, and takes none of the caller's
 * time and memory. Rejects with OpenApiDocumentError: OPENAPI_DOCUMENT_INVALID with all problems that were found,
 * OPENAPI_DOCUMENT_TOO_LARGE, OPENAPI_DOCUMENTS_BUSY.
 */
export async function readDocument(text: string): Promise<OpenApiDocument> {
  if (Buffer.byteLength(text) > documentBytes) throw tooLarge(`is larger than ${documentBytes} bytes`);
  if (running >= threads) await turn();
  else running++;
  try {
    return documentOf(await readInThread(text));
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}

function turn(): Promise<void> {
  if (waiting.length < mostWaiting) return new Promise((resolve) => waiting.push(resolve));
  throw new OpenApiDocumentError('OPENAPI_DOCUMENTS_BUSY', 'too many documents are read; try again later');
}

async function readInThread(text: string): Promise<ThreadAnswer> {
  const worker = new Worker(ENTRY, {
    name: 'openapi',
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: memoryMiB },
  });
  const timer = setTimeout(() => void worker.terminate(), readMs);
  try {
    return await new Promise<ThreadAnswer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', (error: Error) => reject(failureOf(error)));
      worker.once('exit', () => reject(tooLarge('takes too long to read')));
      worker.postMessage(text);
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function documentOf(answer: ThreadAnswer): OpenApiDocument {
  if ('document' in answer) return answer.document;
  const { code, problems } = answer;
  const [first] = problems;
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : '';
  throw new OpenApiDocumentError(code, first ? `${first.path} ${first.message}${more}` : code, problems);
}

/** The memory of the thread ended; anything else is a fault of ours. */
function failureOf(error: Error): Error {
  const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return isMemory ? tooLarge('takes too much memory to read') : error;
}

function tooLarge(message: string): OpenApiDocumentError {
  const problems = [{ path: 'document', message }];
  return new OpenApiDocumentError('OPENAPI_DOCUMENT_TOO_LARGE', `the document ${message}`, problems);
}
