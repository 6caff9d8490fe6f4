import { DestinationRefused } from '#libs/outbound-wall';
import { errors } from 'undici';

/** Why a request gave no response. Code is API, the message is for people. */
export type OutboundHttpErrorCode =
  /** The URL, a header or another part of the request cannot be sent. */
  | 'INVALID_REQUEST'
  /** The address, or one that the name resolves to, is not one of the public internet. */
  | 'NETWORK_NOT_ALLOWED'
  /** A rule of the installation denies the host, or an address that it resolves to. */
  | 'DESTINATION_DENIED'
  /** The request holds a secret that its host must not see. */
  | 'SECRET_HOST_NOT_ALLOWED'
  /** The request's own time is over. */
  | 'TIMEOUT'
  /** The caller's signal aborted, or the client was closed. */
  | 'ABORTED'
  /** No connection: name not found, refused, TLS not agreed, took too long. */
  | 'CONNECT_FAILED'
  /** The connection ended before the response did. */
  | 'DISCONNECTED'
  | 'RESPONSE_TOO_LARGE'
  /** What came back is not HTTP, or not what its headers say. */
  | 'INVALID_RESPONSE'
  | 'TOO_MANY_REDIRECTS';

export class OutboundHttpError extends Error {
  override readonly name = 'OutboundHttpError';
  /** The code of what lies beneath, when there is one, e.g. `ECONNREFUSED`. */
  readonly reason: string | undefined;

  constructor(
    readonly code: OutboundHttpErrorCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = codeOf(cause);
  }
}

/** Codes of undici and node after a connection stood; any other failure means that there never was one. */
const AFTER_CONNECTING: Readonly<Record<string, OutboundHttpErrorCode>> = {
  UND_ERR_SOCKET: 'DISCONNECTED',
  ECONNRESET: 'DISCONNECTED',
  EPIPE: 'DISCONNECTED',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'DISCONNECTED',
  UND_ERR_HEADERS_OVERFLOW: 'INVALID_RESPONSE',
  UND_ERR_INFO: 'INVALID_RESPONSE',
  UND_ERR_INVALID_ARG: 'INVALID_REQUEST',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'INVALID_REQUEST',
  UND_ERR_NOT_SUPPORTED: 'INVALID_REQUEST',
  UND_ERR_ABORTED: 'ABORTED',
  UND_ERR_CLOSED: 'ABORTED',
  UND_ERR_DESTROYED: 'ABORTED',
};

/** Gives what undici reports the name that callers know it by. */
export function translateError(error: unknown): OutboundHttpError {
  if (error instanceof OutboundHttpError) return error;
  if (error instanceof DestinationRefused) return new OutboundHttpError(error.code, error.message);
  const code = codeOf(error) ?? 'unknown';
  const known = error instanceof errors.HTTPParserError ? 'INVALID_RESPONSE' : AFTER_CONNECTING[code];
  return new OutboundHttpError(known ?? 'CONNECT_FAILED', `${describe(known)}: ${code}`, error);
}

function describe(code: OutboundHttpErrorCode | undefined): string {
  switch (code) {
    case 'DISCONNECTED':
      return 'the connection ended before the response did';
    case 'INVALID_RESPONSE':
      return 'the response is not valid HTTP';
    case 'INVALID_REQUEST':
      return 'the request cannot be sent';
    case 'ABORTED':
      return 'the HTTP client was closed';
    default:
      return 'could not connect';
  }
}

export function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
