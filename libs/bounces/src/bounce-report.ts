/**
 * What follows for the address: `hard` says that it does not work and will not, so nothing is to be sent there any more;
 * `soft` and `mailboxFull` that it did not work this time; `policy` that the mail was refused and not the address;
 * `delayed` that it is still being tried; `complaint` that a person called it spam.
 */
export type FailureKind = 'hard' | 'soft' | 'policy' | 'mailboxFull' | 'delayed' | 'complaint';

export const FAILURE_REASONS = [
  /** There is no such address at that host. */
  'userUnknown',
  /** There is no such host or domain. */
  'hostUnknown',
  /** The one who had the address has another one now. */
  'hasMoved',
  /** The domain takes no mail at all. */
  'notAccepted',
  /** The mailbox is there and disabled. */
  'suspended',
  'mailboxFull',
  'messageTooBig',
  /** By its headers, its form, an attachment or a policy about content. */
  'contentRejected',
  'spamDetected',
  'virusDetected',
  /** The sending host is on a list, has a bad reputation or no proper name. */
  'blocked',
  /** The address it was sent from is refused. */
  'senderRejected',
  /** SPF, DKIM, DMARC or ARC. */
  'authFailure',
  /** The recipient, or who looks after it, takes mail from some only. */
  'recipientFilter',
  /** Refused by a policy, with nothing said about which. */
  'policyRefused',
  'relayDenied',
  /** TLS, or a login that was wanted. */
  'securityError',
  'rateLimited',
  'networkError',
  /** It was tried for as long as the sending host tries. */
  'expired',
  'systemError',
  /** A person told the provider that it is spam, or that no more is wanted. */
  'complaint',
  'undetermined',
] as const;

export type FailureReason = (typeof FAILURE_REASONS)[number];

/** What names the mail that came back. */
export interface OriginalIds {
  /** With its angle brackets. */
  readonly originalMessageId?: string;
  /** As it was given to the sending server (RFC 3461, `ENVID`), or as a provider named the mail when it took it. */
  readonly envelopeId?: string;
}

export interface FailedRecipient extends OriginalIds {
  /** As it was sent to, where that is known. */
  readonly address?: string;
  readonly kind: FailureKind;
  readonly reason: FailureReason;
  /** RFC 3463, such as `5.1.1`. */
  readonly status?: string;
  /** Of SMTP, such as 550. */
  readonly replyCode?: number;
  /** What the other side said, else the notice, in one line; at most `MAIL_LIMITS.diagnosticChars`, may be empty. */
  readonly diagnostic: string;
  /** The rule that matched, by its stable name. */
  readonly rule: string;
}

export interface BounceReport {
  readonly kind: 'bounce' | 'complaint' | 'autoReply' | 'notBounce';
  /** Empty unless it is a bounce or a complaint. */
  readonly recipients: readonly FailedRecipient[];
}
