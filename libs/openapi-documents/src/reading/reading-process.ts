// Entry of a process: one document. It imports nothing through `#libs` but types, so that it starts from its TypeScript in
// tests and from what was built of it otherwise.
import type { OpenApiDocument } from '../types.ts';
import { readOpenApi } from './read-openapi.ts';
import { Refused, type RefusalCode } from './refused.ts';

export interface ReadingRequest {
  readonly text: string;
}
export type ReadingAnswer =
  { readonly document: OpenApiDocument } | { readonly code: RefusalCode; readonly problems: Refused['problems'] };

process.once('message', ({ text }: ReadingRequest) => process.send?.(answerTo(text)));

function answerTo(text: string): ReadingAnswer {
  try {
    return { document: readOpenApi(text) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { code: error.code, problems: error.problems };
  }
}
