import { DestinationRefused } from '#libs/outbound-wall';

/** Why an inbox is not watched now. Code is API, the message is for people. */
export type InboxTroubleCode =
  /** The address, or one that the name resolves to, is not one of the public internet. */
  | 'NETWORK_NOT_ALLOWED'
  /** A rule of the installation denies the host, or an address that it resolves to. */
  | 'DESTINATION_DENIED'
  /** No connection: name not found, refused, unreachable. */
  | 'IMAP_CONNECT'
  /** No TLS, or a certificate that does not hold. */
  | 'IMAP_TLS'
  /** The server does not let us in. */
  | 'IMAP_AUTH'
  /** There is no such mailbox. */
  | 'IMAP_MAILBOX'
  | 'IMAP_TIMEOUT'
  /** The connection ended. */
  | 'IMAP_DISCONNECTED'
  /** The server said no to a command. */
  | 'IMAP_REFUSED'
  /** What came back is not what was asked for, or not IMAP. */
  | 'IMAP_PROTOCOL'
  /** The caller gave no token to sign in with; `cause` says why. */
  | 'TOKEN_FAILED'
  /** `deliver` rejected; `cause` says why. */
  | 'DELIVERY_FAILED'
  /** `load` or `save` rejected; `cause` says why. */
  | 'CHECKPOINT_FAILED';

/** A cause is the caller's own; what the server said is in the message, at most 300 characters of it and without our secret. */
export class InboxTrouble extends Error {
  override readonly name = 'InboxTrouble';

  constructor(
    readonly code: InboxTroubleCode,
    message: string,
    options?: { readonly cause: unknown },
  ) {
    super(message, options);
  }

  /** Whether only a person can change it. */
  get isRefusal(): boolean {
    return REFUSALS.has(this.code);
  }
}

const REFUSALS: ReadonlySet<InboxTroubleCode> = new Set([
  'NETWORK_NOT_ALLOWED',
  'DESTINATION_DENIED',
  'IMAP_AUTH',
  'IMAP_MAILBOX',
]);

/** What imapflow rejects with, as far as it is read here. */
interface ImapError {
  readonly code?: unknown;
  readonly responseText?: unknown;
  readonly serverResponseCode?: unknown;
  /** Why a server said BYE. */
  readonly reason?: unknown;
  readonly authenticationFailed?: unknown;
  readonly mailboxMissing?: unknown;
  readonly responseStatus?: unknown;
  readonly tlsFailed?: unknown;
}

/** RFC 5530: it is the server that cannot now, and not the password that is wrong. */
const NOT_NOW: ReadonlySet<unknown> = new Set(['UNAVAILABLE', 'INUSE', 'LIMIT', 'SERVERBUG', 'CONTACTADMIN']);

const CODES: Readonly<Record<string, InboxTroubleCode>> = {
  ECONNREFUSED: 'IMAP_CONNECT',
  ENOTFOUND: 'IMAP_CONNECT',
  EAI_AGAIN: 'IMAP_CONNECT',
  EHOSTUNREACH: 'IMAP_CONNECT',
  ENETUNREACH: 'IMAP_CONNECT',
  EADDRNOTAVAIL: 'IMAP_CONNECT',
  ETIMEDOUT: 'IMAP_TIMEOUT',
  CONNECT_TIMEOUT: 'IMAP_TIMEOUT',
  GREETING_TIMEOUT: 'IMAP_TIMEOUT',
  UPGRADE_TIMEOUT: 'IMAP_TIMEOUT',
  ETIMEOUT: 'IMAP_TIMEOUT',
  ECONNRESET: 'IMAP_DISCONNECTED',
  EPIPE: 'IMAP_DISCONNECTED',
  NoConnection: 'IMAP_DISCONNECTED',
  EConnectionClosed: 'IMAP_DISCONNECTED',
  StateLogout: 'IMAP_DISCONNECTED',
  ClosedAfterConnectText: 'IMAP_DISCONNECTED',
  ClosedAfterConnectTLS: 'IMAP_DISCONNECTED',
};

/** `redact` takes out of what a server says what nobody is to read. */
export function troubleOf(error: unknown, redact: (text: string) => string): InboxTrouble {
  if (error instanceof InboxTrouble) return error;
  if (error instanceof DestinationRefused) return new InboxTrouble(error.code, error.message);
  const failure: ImapError = typeof error === 'object' && error !== null ? error : {};
  const code = codeOf(failure);
  return new InboxTrouble(
    code,
    `${MESSAGES[code] ?? 'what the server says is not understood'}${detailOf(failure, redact)}`,
  );
}

const MESSAGES: Partial<Readonly<Record<InboxTroubleCode, string>>> = {
  IMAP_CONNECT: 'could not connect to the server',
  IMAP_TLS:
    'TLS could not be agreed; the port must be one for this kind of TLS, and the certificate one that is trusted',
  IMAP_AUTH: 'the server does not accept username and password, or the token',
  IMAP_MAILBOX: 'there is no such mailbox',
  IMAP_TIMEOUT: 'the server did not answer in time',
  IMAP_DISCONNECTED: 'the connection ended',
  IMAP_REFUSED: 'the server refused a command',
};

function codeOf(failure: ImapError): InboxTroubleCode {
  const isLogin = failure.authenticationFailed === true;
  if (isLogin && !NOT_NOW.has(failure.serverResponseCode)) return 'IMAP_AUTH';
  if (failure.mailboxMissing === true) return 'IMAP_MAILBOX';
  if (failure.tlsFailed === true || isAboutTls(failure.code)) return 'IMAP_TLS';
  if (isLogin || failure.responseStatus !== undefined) return 'IMAP_REFUSED';
  return codeOfNode(failure.code);
}

function codeOfNode(code: unknown): InboxTroubleCode {
  return (typeof code === 'string' ? CODES[code] : undefined) ?? 'IMAP_PROTOCOL';
}

function isAboutTls(code: unknown): boolean {
  return typeof code === 'string' && /^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO)/.test(code);
}

function detailOf({ responseText, reason, code }: ImapError, redact: (text: string) => string): string {
  const said = [responseText, reason, code].find((detail) => typeof detail === 'string' && detail !== '');
  if (typeof said !== 'string') return '';
  return `: ${redact(said)
    .replace(/[\x00-\x1f\x7f]+/g, ' ')
    .slice(0, 300)}`;
}
