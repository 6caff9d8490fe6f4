import { NodeError, type AbortSignalLike, type NodeErrorOptions } from '#libs/node-kit';
import { OutboundHttpError, type OutboundHttpErrorCode } from '#libs/outbound-http';

interface Failure extends Pick<NodeErrorOptions, 'retryable' | 'destination'> {
  readonly code: string;
}

/** What each trouble of the HTTP client is called here, whether another attempt may help, and what it says of the server. */
const FAILURES: Readonly<Record<OutboundHttpErrorCode, Failure>> = {
  INVALID_REQUEST: { code: 'HTTP_INVALID_REQUEST', retryable: false },
  NETWORK_NOT_ALLOWED: { code: 'NETWORK_NOT_ALLOWED', retryable: false },
  DESTINATION_DENIED: { code: 'DESTINATION_DENIED', retryable: false },
  SECRET_HOST_NOT_ALLOWED: { code: 'CREDENTIAL_HOST_NOT_ALLOWED', retryable: false },
  TIMEOUT: { code: 'HTTP_TIMEOUT', retryable: true, destination: 'failed' },
  ABORTED: { code: 'HTTP_ABORTED', retryable: true },
  CONNECT_FAILED: { code: 'HTTP_CONNECT', retryable: true, destination: 'failed' },
  DISCONNECTED: { code: 'HTTP_DISCONNECTED', retryable: true, destination: 'failed' },
  RESPONSE_TOO_LARGE: { code: 'HTTP_RESPONSE_TOO_LARGE', retryable: false, destination: 'answered' },
  INVALID_RESPONSE: { code: 'HTTP_INVALID_RESPONSE', retryable: false, destination: 'answered' },
  TOO_MANY_REDIRECTS: { code: 'HTTP_TOO_MANY_REDIRECTS', retryable: false, destination: 'answered' },
};

/** The error of an attempt whose request got no response; undefined for anything but what the HTTP client rejects with. */
export function networkFailureOf(error: unknown, signal: AbortSignalLike): NodeError | undefined {
  if (!(error instanceof OutboundHttpError)) return undefined;
  const timedOut = error.code === 'ABORTED' && isTimeout(signal);
  const { code, ...says } = FAILURES[timedOut ? 'TIMEOUT' : error.code];
  return new NodeError(code, timedOut ? 'no complete response within the time of the attempt' : error.message, {
    ...says,
    ...(error.reason === undefined ? {} : { details: { reason: error.reason } }),
    cause: error,
  });
}

function isTimeout({ aborted, reason }: AbortSignalLike): boolean {
  return aborted && typeof reason === 'object' && reason !== null && 'name' in reason && reason.name === 'TimeoutError';
}
