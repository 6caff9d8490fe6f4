import type { NodemailerError } from 'nodemailer';
import { OutboundMailError, type MailPhase, type OutboundMailErrorCode, type ServerReply } from './errors.ts';
import { outcomesOf, replyOf } from './reply.ts';
import { outcomeUnknown } from './stop.ts';

/** Where a session was when something went wrong. */
export interface Whereabouts {
  readonly phase: MailPhase;
  /** Whether any byte of the message went out, and no answer to it came. */
  readonly dataBegun: boolean;
  /** Recipients of the mail under way; none while a session is being opened. */
  readonly to: readonly string[];
  readonly redact: (text: string) => string;
}

const PHASES: Readonly<Record<string, MailPhase>> = {
  STARTTLS: 'tls',
  'MAIL FROM': 'mail',
  'RCPT TO': 'rcpt',
  DATA: 'data',
};

/** Gives what nodemailer reports the name that callers know it by. Codes decide, never messages. */
export function failureOf(error: NodemailerError, at: Whereabouts): OutboundMailError {
  const phase = phaseOf(error, at);
  const reply = replyOf(error.response, at.redact);
  const isUnasked = error.code === 'EPROTOCOL' && phase !== 'greeting';
  if ((reply.replyCode ?? 0) >= 400 && !isUnasked) return refusal(error, { ...at, phase }, reply);
  const reason = error.originalCode ?? error.code;
  if (at.dataBegun) return outcomeUnknown('the connection failed', reason);
  const { code, message, retryable } = withoutReply(error, phase);
  return new OutboundMailError(code, message, { retryable, phase, ...reply, ...(reason ? { reason } : {}) });
}

function phaseOf({ command = '' }: NodemailerError, { phase }: Whereabouts): MailPhase {
  return command.startsWith('AUTH') ? 'auth' : (PHASES[command] ?? phase);
}

function refusal(error: NodemailerError, at: Whereabouts, reply: ServerReply): OutboundMailError {
  const retryable = (reply.replyCode ?? 0) < 500;
  const code = refusalCodeOf(at.phase, retryable);
  const refused = error.rejectedErrors;
  return new OutboundMailError(code, `${REFUSALS[code] ?? 'the server refused'}: ${reply.response ?? ''}`, {
    retryable,
    phase: at.phase,
    ...reply,
    ...(refused ? { recipients: outcomesOf(at.to, refused, at.redact) } : {}),
  });
}

const REFUSALS: Partial<Readonly<Record<OutboundMailErrorCode, string>>> = {
  SMTP_TLS: 'the server does not begin TLS',
  SMTP_AUTH: 'the server does not accept username and password',
  SMTP_DEFERRED: 'the server does not take the mail now',
  SMTP_REFUSED: 'the server refused the mail',
};

function refusalCodeOf(phase: MailPhase, retryable: boolean): OutboundMailErrorCode {
  if (phase === 'tls') return 'SMTP_TLS';
  if (phase === 'auth') return 'SMTP_AUTH';
  return retryable ? 'SMTP_DEFERRED' : 'SMTP_REFUSED';
}

interface Trouble {
  readonly code: OutboundMailErrorCode;
  readonly message: string;
  readonly retryable: boolean;
}

/** What node says of a connection that ended; anything else within a handshake is about keys or certificates. */
const CONNECTION_ENDED: ReadonlySet<string | undefined> = new Set([undefined, 'ECONNRESET', 'EPIPE', 'ECONNABORTED']);

const TIMED_OUT: Trouble = { code: 'SMTP_TIMEOUT', message: 'the server did not answer in time', retryable: true };
const NOT_SMTP: Trouble = { code: 'SMTP_PROTOCOL', message: 'what the server says is not SMTP', retryable: false };

const TROUBLES: Readonly<Record<string, Trouble>> = {
  // The only message that is refused before anything is sent is one above the SIZE that the server told.
  EMESSAGE: { code: 'SMTP_REFUSED', message: 'the mail is larger than the server takes', retryable: false },
  EPROTOCOL: NOT_SMTP,
  EAUTH: { code: 'SMTP_AUTH', message: 'the server offers no way to sign in that we know', retryable: false },
  ETLS: { code: 'SMTP_TLS', message: 'TLS could not be agreed', retryable: false },
};

function withoutReply(error: NodemailerError, phase: MailPhase): Trouble {
  if (error.code === 'ETIMEDOUT') return TIMED_OUT;
  if (phase === 'tls') {
    const ended = CONNECTION_ENDED.has(error.originalCode);
    const why = ended
      ? 'the connection ended'
      : `${error.originalCode}; the port must be one for this kind of TLS, and the certificate one that is trusted`;
    return { code: 'SMTP_TLS', message: `TLS could not be agreed: ${why}`, retryable: ended };
  }
  if (error.response !== undefined && error.code === 'EENVELOPE') return NOT_SMTP;
  const known = TROUBLES[error.code ?? ''];
  return (
    known ?? { code: 'SMTP_DISCONNECTED', message: 'the connection ended before the mail was sent', retryable: true }
  );
}
