import type { Problem } from '#libs/kernel';

export type RefusalCode = 'OPENAPI_DOCUMENT_INVALID' | 'OPENAPI_DOCUMENT_TOO_LARGE';

/** Ends the reading of a document. Without parameter properties: Node takes this file as it is. */
export class Refused extends Error {
  readonly code: RefusalCode;
  readonly problems: readonly Problem[];

  constructor(code: RefusalCode, problems: readonly Problem[]) {
    super(code);
    this.code = code;
    this.problems = problems;
  }
}

export function invalid(path: string, message: string): Refused {
  return new Refused('OPENAPI_DOCUMENT_INVALID', [{ path, message }]);
}

export function tooLarge(path: string, message: string): Refused {
  return new Refused('OPENAPI_DOCUMENT_TOO_LARGE', [{ path, message }]);
}
