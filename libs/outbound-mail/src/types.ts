import type { Instant } from '#libs/kernel';
import type { AbortSignalLike } from '#libs/node-kit';

/** A server that takes mail for sending, and who we are to it. */
export interface MailServer {
  /**
   * What tells this server, with these settings and this secret, from every other; connections are shared by it. Whoever
   * changes a setting or the password changes the key too, and workspaces never share one.
   */
  readonly key: string;
  readonly host: string;
  /** Usually 465 with `secure`, 587 without. */
  readonly port: number;
  /** TLS from the first byte. Without, STARTTLS is used where the server offers it. */
  readonly secure: boolean;
  /** Whether nothing is sent without STARTTLS. Default: when there is a username, so that no password goes in the clear. */
  readonly requireTls?: boolean;
  /** Default true. False takes any certificate, from anybody in between too. */
  readonly rejectUnauthorized?: boolean;
  /** PEM of the authority that signed the server's certificate, in place of the well-known ones. */
  readonly ca?: string;
  readonly username?: string;
  readonly password?: string;
  /** Of this process. Default 5. */
  readonly maxConnections?: number;
  /** Default 100; then another connection is opened. */
  readonly messagesPerConnection?: number;
  /** Of this process, evenly spaced; default without limit. */
  readonly ratePerSecond?: number;
  readonly dkim?: DkimKey;
}

/** An RSA key that mails are signed with (RFC 6376). */
export interface DkimKey {
  readonly domain: string;
  readonly selector: string;
  /** PEM. */
  readonly privateKey: string;
}

/** Somebody as headers name them; `address` is one that `tryParseAddress` takes. */
export interface Mailbox {
  readonly address: string;
  readonly name?: string;
}

export interface Attachment {
  /** Of the file, as the reader sees it. */
  readonly name: string;
  /** e.g. `application/pdf`. */
  readonly mediaType: string;
  readonly content: Buffer;
  /** By which the HTML names it: `<img src="cid:…">`. Without angle brackets. */
  readonly contentId?: string;
  /** Whether it is shown where it stands instead of offered. Default: when it has a content id. */
  readonly inline?: boolean;
}

/** Whom SMTP sends to, whatever the headers say. */
export interface Envelope {
  /** Where bounces go; empty for none. */
  readonly from: string;
  /** At most 100, each once. */
  readonly to: readonly string[];
  /** Asks for reports on failure and delay (RFC 3461), where the server knows it. */
  readonly dsn?: { /** At most 100 characters of ASCII. */ readonly envid: string };
}

export interface Mail {
  /** With angle brackets. The same for every attempt at one mail, so that a reader may see a second copy for what it is. */
  readonly messageId: string;
  readonly date: Instant;
  readonly from: Mailbox;
  readonly to: readonly Mailbox[];
  readonly cc?: readonly Mailbox[];
  readonly replyTo?: Mailbox;
  readonly subject: string;
  readonly text?: string;
  readonly html?: string;
  readonly attachments?: readonly Attachment[];
  /** Others than those that this library writes, e.g. `X-Order`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A message id, with angle brackets. */
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  /** https; where one POST unsubscribes (RFC 8058). */
  readonly listUnsubscribe?: string;
  /** Says that no person wrote this, so that no machine answers (RFC 3834). */
  readonly autoSubmitted?: boolean;
  readonly envelope: Envelope;
}

/** What the server said of one recipient. */
export interface RecipientOutcome {
  /** As the envelope has it. */
  readonly address: string;
  /** `deferred` (4xx) may be tried again, `refused` (5xx) may not. */
  readonly outcome: 'accepted' | 'refused' | 'deferred';
  readonly replyCode?: number;
  /** RFC 3463, e.g. `5.1.1`. */
  readonly enhancedCode?: string;
  /** At most 500 characters. */
  readonly response?: string;
}

/** The server took the mail for one recipient at least. */
export interface SentMail {
  /** All of the envelope, in its order. */
  readonly recipients: readonly RecipientOutcome[];
  /** The server's last word, at most 500 characters; often with the id of its own. */
  readonly response: string;
  readonly messageId: string;
}

export interface SendOptions {
  readonly signal?: AbortSignalLike;
  /** For everything together, waiting for a connection too. Default 120,000. */
  readonly timeoutMs?: number;
}

/** What a server is like, found out by signing in and nothing more. */
export interface CheckedServer {
  /** Whether the connection was encrypted. */
  readonly encrypted: boolean;
  readonly authenticated: boolean;
}

/** Sends mail. Rejects with OutboundMailError alone. */
export interface OutboundMail extends AsyncDisposable {
  send(server: MailServer, mail: Mail, options?: SendOptions): Promise<SentMail>;
  /** Connects, signs in and leaves, on a connection of its own. */
  check(server: MailServer, options?: SendOptions): Promise<CheckedServer>;
  /** What is held now, for metrics and tests. */
  held(): Held;
}

export interface Held {
  readonly pools: number;
  readonly connections: number;
  readonly waiting: number;
}
