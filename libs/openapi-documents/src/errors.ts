import type { Problem } from '#libs/kernel';

/** Code is API, the message is for people. */
export type OpenApiDocumentErrorCode =
  /** It is no document that can be used; `problems` say why. */
  | 'OPENAPI_DOCUMENT_INVALID'
  /** It, or what is made of it, is larger than may be, or takes too long; `problems` say what. */
  | 'OPENAPI_DOCUMENT_TOO_LARGE'
  /** Too many documents are read at a time. The only one that may be tried again. */
  | 'OPENAPI_DOCUMENTS_BUSY';

export class OpenApiDocumentError extends Error {
  override readonly name = 'OpenApiDocumentError';
  readonly retryable: boolean;

  constructor(
    readonly code: OpenApiDocumentErrorCode,
    message: string,
    readonly problems: readonly Problem[] = [],
  ) {
    super(message);
    this.retryable = code === 'OPENAPI_DOCUMENTS_BUSY';
  }
}
