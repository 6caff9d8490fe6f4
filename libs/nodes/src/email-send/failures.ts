import type { JsonObject } from '#libs/kernel';
import { NodeError, type NodeErrorOptions } from '#libs/node-kit';
import { OutboundMailError, type OutboundMailErrorCode, type RecipientOutcome } from '#libs/outbound-mail';

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

/** The node's error for what the client rejected with; anything but its own errors is a fault of ours and stays. */
export function nodeErrorOf(error: unknown): unknown {
  if (!(error instanceof OutboundMailError)) return error;
  const { code, ...says } = FAILURES[error.code];
  return new NodeError(code, error.message, {
    retryable: error.retryable,
    inDoubt: error.outcome === 'unknown',
    ...says,
    details: detailsOf(error),
    cause: error,
  });
}

function detailsOf({ phase, replyCode, enhancedCode, response, reason, recipients }: OutboundMailError): JsonObject {
  return {
    phase,
    ...present({ replyCode, enhancedCode, response, reason }),
    ...(recipients ? { recipients: recipients.map(recipientOf) } : {}),
  };
}

/** As outputs and errors have it. */
export function recipientOf({ address, outcome, replyCode, enhancedCode, response }: RecipientOutcome): JsonObject {
  return { address, outcome, ...present({ replyCode, enhancedCode, response }) };
}

function present(fields: Readonly<Record<string, string | number | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
