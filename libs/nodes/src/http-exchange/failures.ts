import { NodeError } from '#libs/node-kit';
import type { OutboundResponse } from '#libs/outbound-http';
import { retryAfterMs } from '#libs/connector-kit';
import { decodeText } from './response-body.ts';

const LONGEST_PREVIEW = 2_000;

/** The error for a status that was not expected, with the beginning of what the other side said. */
export function statusError(response: OutboundResponse, nowMs: number): NodeError {
  const { status, headers, body } = response;
  const contentType = String(headers['content-type'] ?? '');
  const waitMs = retryAfterMs(headers['retry-after'], nowMs);
  return new NodeError('HTTP_STATUS', `the answer was ${status}`, {
    retryable: isRetryableStatus(status),
    destination: status === 429 || status >= 500 ? 'failed' : 'answered',
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
    details: { status, body: decodeText(body.subarray(0, LONGEST_PREVIEW), contentType) },
  });
}

/** The evaluated config makes no request that can be sent. */
export function invalidRequest(message: string): NodeError {
  return new NodeError('HTTP_INVALID_REQUEST', message, { retryable: false });
}

/** Request time-out, too early, too many requests, and what is wrong on their side. */
function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}
