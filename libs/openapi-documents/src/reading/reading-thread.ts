// Entry of a worker thread: one document. It imports nothing through `#libs` but types, so that it starts from its
// TypeScript in tests and from what was built of it otherwise.
import { parentPort } from 'node:worker_threads';
import type { OpenApiDocument } from '../types.ts';
import { readOpenApi } from './read-openapi.ts';
import { Refused, type RefusalCode } from './refused.ts';

export type ThreadAnswer =
  { readonly document: OpenApiDocument } | { readonly code: RefusalCode; readonly problems: Refused['problems'] };

parentPort?.once('message', (text: string) => parentPort?.postMessage(answerTo(text)));

function answerTo(text: string): ThreadAnswer {
  try {
    return { document: readOpenApi(text) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { code: error.code, problems: error.problems };
  }
}
