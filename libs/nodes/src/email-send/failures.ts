import type { JsonObject } from '#libs/kernel';
import { NodeError, type NodeErrorOptions } from '#libs/node-kit';
import { OutboundMailError, type OutboundMailErrorCode } from '#libs/outbound-mail';

type Says = NodeErrorOptions['destination'];

/** What each trouble of the mail client is called here, and what it says of the server. */
const FAILURES: Readonly<Record<OutboundMailErrorCode, { readonly code: string; readonly destination?: Says }>> = {
  NETWORK_NOT_ALLOWED: { code: 'NETWORK_NOT_ALLOWED' },
  DESTINATION_DENIED: { code: 'DESTINATION_DENIED' },
  SMTP_CONNECT: { code: 'SMTP_CONNECT', destination: 'failed' },
  SMTP_TLS: { code: 'SMTP_TLS', destination: 'failed' },
  SMTP_AUTH: { code: 'SMTP_AUTH', destination: 'answered' },
  SMTP_TIMEOUT: { code: 'SMTP_TIMEOUT', destination: 'failed' },
  SMTP_DISCONNECTED: { code: 'SMTP_DISCONNECTED', destination: 'failed' },
  // Of this mail or of this recipient: a server that says so works.
  SMTP_DEFERRED: { code: 'SMTP_DEFERRED', destination: 'answered' },
  SMTP_REFUSED: { code: 'SMTP_REFUSED', destination: 'answered' },
  SMTP_PROTOCOL: { code: 'SMTP_PROTOCOL', destination: 'failed' },
  INVALID_MAIL: { code: 'EMAIL_INVALID' },
  ABORTED: { code: 'SMTP_ABORTED' },
  SMTP_OUTCOME_UNKNOWN: { code: 'SMTP_OUTCOME_UNKNOWN', destination: 'failed' },
};

/** Stable, and what programs are to look at. */
export function codeOf({ code }: OutboundMailError): string {
  return FAILURES[code].code;
}

/** `recipients`: what became of each. */
export function nodeErrorOf(error: OutboundMailError, recipients: readonly JsonObject[]): NodeError {
  const { code, ...says } = FAILURES[error.code];
  const { phase, replyCode, enhancedCode, response, reason } = error;
  return new NodeError(code, error.message, {
    retryable: error.retryable,
    inDoubt: error.outcome === 'unknown',
    ...says,
    details: { phase, ...present({ replyCode, enhancedCode, response, reason }), recipients: [...recipients] },
    cause: error,
  });
}

/** A worker died between handing a mail over and hearing what came of it. */
export function interruptedError(addresses: readonly string[]): NodeError {
  const message = `sending to ${addresses.join(', ')} was interrupted, and it is not known whether the server took the mail; sending it again may send it twice`;
  return new NodeError('SMTP_OUTCOME_UNKNOWN', message, {
    retryable: false,
    inDoubt: true,
    details: { recipients: addresses.map((address) => ({ address, outcome: 'unknown' })) },
  });
}

export function present(fields: Readonly<Record<string, string | number | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
