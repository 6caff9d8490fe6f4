import type { Instant } from '#libs/kernel';

/** What a client is told when something is not taken: RFC 5321, with RFC 3463's code. */
export interface Refusal {
  /** 4xx: try again later; 5xx: never. 421 ends the connection too. */
  readonly replyCode: number;
  /** Begins with the same digit, e.g. `5.1.1`. */
  readonly enhancedCode: string;
  /** One line of ASCII; control characters become spaces. */
  readonly text: string;
}

/** What is known of a transaction when a recipient is asked for. */
export interface TransactionSoFar {
  /** Of the client, without the prefix of an IPv4 address within IPv6. */
  readonly ip: string;
  /** What the client calls itself; up to 300 characters that it chose. */
  readonly helo: string;
  /** Empty for a bounce. Its domain is ASCII, its local part need not be. */
  readonly envelopeFrom: string;
  /** Those that were said `ok` to before. */
  readonly recipients: readonly string[];
  /** What SIZE said, if it was said; never more than a message may have. */
  readonly announcedBytes?: number;
}

/** A message that came whole, with its envelope. */
export interface ReceivedMail extends Omit<TransactionSoFar, 'announcedBytes'> {
  /** As it was sent, with dots undone: whatever its line ends are, and not what RFC 5322 asks for in every case. */
  readonly raw: Buffer;
  /** Whether the connection was encrypted. */
  readonly tls: boolean;
  /** When its last byte came. */
  readonly receivedAt: Instant;
}

export type DeliveryAnswer =
  /** It will not be lost any more. The client hears the id. */
  { readonly kind: 'taken'; readonly id?: string } | { readonly kind: 'refused'; readonly refusal: Refusal };

/**
 * What stands behind the door. Both must settle: a client waits until then, and a message is held in memory. When one rejects,
 * the client hears 451 and comes again, and `onEvent` gets the error. A client that loses the answer sends the message again.
 */
export interface MailDoor {
  /** Asked for each RCPT, whose address has a domain in ASCII, or is `postmaster` alone. */
  recipient(address: string, transaction: TransactionSoFar): Promise<'ok' | Refusal>;
  deliver(mail: ReceivedMail): Promise<DeliveryAnswer>;
}

/** For logs and metrics. */
export type SmtpDoorEvent =
  | { readonly kind: 'taken'; readonly ip: string; readonly bytes: number; readonly tls: boolean; readonly id?: string }
  /** Any reply from 400, whatever to, also to a connection. `reply` is the whole line and may name what the client said. */
  | { readonly kind: 'refused'; readonly ip: string; readonly replyCode: number; readonly reply: string }
  /** The client left in the middle of a message, or was too slow. */
  | { readonly kind: 'gone'; readonly ip: string; readonly bytes: number }
  /** What stands behind the door rejected. */
  | { readonly kind: 'fault'; readonly at: 'recipient' | 'deliver'; readonly error: unknown }
  /** Reset in the middle of a transaction, no TLS, and the like; also what the listening socket says. */
  | { readonly kind: 'connectionFailed'; readonly error: Error };

export interface Held {
  readonly connections: number;
  /** Of messages that are coming in or being delivered; or announced, where that is more. */
  readonly bytesUnderWay: number;
}

/**
 * Listens. Disposed, it says 421 to those who come and to those who are not in the middle of a message, lets these finish for
 * as long as it was told to, and closes.
 */
export interface SmtpDoor extends AsyncDisposable {
  readonly port: number;
  held(): Held;
}
