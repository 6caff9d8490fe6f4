import { NodeError, type AbortSignalLike } from '#libs/node-kit';
import { OutboundHttpError, type OutboundHttpErrorCode } from '#libs/outbound-http';
import { networkFailureOf } from './network-failures.ts';

/** Above every time-out that a node may have: the attempt's signal is what ends a request. */
export const LONGEST_ATTEMPT_MS = 86_400_000;

/** Nothing was sent, so that nothing can have been done. */
const NOT_SENT: ReadonlySet<OutboundHttpErrorCode> = new Set([
  'INVALID_REQUEST',
  'NETWORK_NOT_ALLOWED',
  'DESTINATION_DENIED',
  'SECRET_HOST_NOT_ALLOWED',
  'CONNECT_FAILED',
]);

export interface Asked {
  /** Of whom, for people, e.g. `GitHub`. */
  readonly service: string;
  /** Whether doing it twice does no harm; otherwise a lost answer is for a person to look at. */
  readonly isRepeatable: boolean;
}

/** The error of a node for a request whose answer did not come; what the HTTP client does not reject with is a fault of ours and stays. */
export function lostAnswerOf(error: unknown, signal: AbortSignalLike, asked: Asked): unknown {
  const failure = networkFailureOf(error, signal);
  if (!(failure instanceof NodeError) || !(error instanceof OutboundHttpError)) return error;
  return NOT_SENT.has(error.code) ? failure : doubtedUnlessRepeatable(failure, asked);
}

/** For a failure after which nobody knows whether the service did what was asked. */
export function doubtedUnlessRepeatable(failure: NodeError, { service, isRepeatable }: Asked): NodeError {
  if (isRepeatable) return failure;
  const message = `${failure.message}; it is not known whether ${service} did it, and doing it again may do it twice`;
  return new NodeError(failure.code, message, { ...failure.options, retryable: false, inDoubt: true });
}

/** Throws the error of an attempt that is over: what is not sent any more is in no doubt. */
export function ensureWanted(signal: AbortSignalLike): void {
  if (!signal.aborted) return;
  const aborted = new OutboundHttpError('ABORTED', 'the request was aborted', signal.reason);
  const failure = networkFailureOf(aborted, signal);
  throw failure instanceof NodeError ? failure : aborted;
}
