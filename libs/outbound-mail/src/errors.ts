import type { RecipientOutcome } from './types.ts';

/** Why a mail was not sent, or may not have been. Code is API, the message is for people. */
export type OutboundMailErrorCode =
  /** The address, or one that the name resolves to, is not one of the public internet. */
  | 'NETWORK_NOT_ALLOWED'
  /** A rule of the installation denies the host, or an address that it resolves to. */
  | 'DESTINATION_DENIED'
  /** No connection: name not found, refused, unreachable, or too many mails wait here. */
  | 'SMTP_CONNECT'
  /** No TLS, or a certificate that does not hold. */
  | 'SMTP_TLS'
  /** The server does not let us in. */
  | 'SMTP_AUTH'
  /** Some part, or all of it, took too long, and the mail was not sent. */
  | 'SMTP_TIMEOUT'
  /** The connection ended before the mail was sent. */
  | 'SMTP_DISCONNECTED'
  /** The server said 4xx: not now. */
  | 'SMTP_DEFERRED'
  /** The server said 5xx: no. */
  | 'SMTP_REFUSED'
  /** What came back is not SMTP. */
  | 'SMTP_PROTOCOL'
  /** The mail cannot be sent as it is, or not signed with the key that is given; none of it went out. */
  | 'INVALID_MAIL'
  /** The caller's signal aborted, or the client was closed. */
  | 'ABORTED'
  /** The mail was handed over and no answer came: it may arrive or not, and sending it again may send it twice. */
  | 'SMTP_OUTCOME_UNKNOWN';

/** How far it came. `envelope` where commands went out together and it cannot be told which one was not answered. */
export type MailPhase =
  'compose' | 'queue' | 'connect' | 'tls' | 'greeting' | 'auth' | 'envelope' | 'mail' | 'rcpt' | 'data';

/** What a server said, where it said something. */
export interface ServerReply {
  readonly replyCode?: number;
  /** RFC 3463, e.g. `4.7.0`. */
  readonly enhancedCode?: string;
  /** At most 500 characters of one line, without our password. */
  readonly response?: string;
}

export interface OutboundMailErrorOptions extends ServerReply {
  readonly retryable: boolean;
  readonly phase: MailPhase;
  /** The code of what lies beneath, when there is one, e.g. `ECONNREFUSED`. */
  readonly reason?: string;
  /** What was said of each recipient, when none was accepted. */
  readonly recipients?: readonly RecipientOutcome[];
}

/**
 * It has no cause: what nodemailer throws holds what the server said in full, which may be what we said to it. `outcome` is
 * `unknown` for SMTP_OUTCOME_UNKNOWN alone; everything else was certainly not sent.
 */
export class OutboundMailError extends Error {
  override readonly name = 'OutboundMailError';
  readonly retryable: boolean;
  readonly outcome: 'notSent' | 'unknown';
  readonly phase: MailPhase;
  readonly replyCode: number | undefined;
  readonly enhancedCode: string | undefined;
  readonly response: string | undefined;
  readonly reason: string | undefined;
  readonly recipients: readonly RecipientOutcome[] | undefined;

  constructor(
    readonly code: OutboundMailErrorCode,
    message: string,
    options: OutboundMailErrorOptions,
  ) {
    super(message);
    this.retryable = options.retryable;
    this.outcome = code === 'SMTP_OUTCOME_UNKNOWN' ? 'unknown' : 'notSent';
    this.phase = options.phase;
    this.replyCode = options.replyCode;
    this.enhancedCode = options.enhancedCode;
    this.response = options.response;
    this.reason = options.reason;
    this.recipients = options.recipients;
  }
}

export function invalidMail(message: string): OutboundMailError {
  return new OutboundMailError('INVALID_MAIL', message, { retryable: false, phase: 'compose' });
}
