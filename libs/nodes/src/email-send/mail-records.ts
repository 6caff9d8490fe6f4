import type { AbortSignalLike } from '#libs/node-kit';

/** One mail of an attempt to one of its recipients. */
export interface RecordedMail {
  readonly workspaceId: string;
  readonly executionId: string;
  readonly nodeId: string;
  /** From 1. */
  readonly attempt: number;
  /** The same for all attempts. */
  readonly idempotencyKey: string;
  readonly credentialId: string;
  readonly address: string;
  /** What can be unsubscribed from; null for nothing. */
  readonly topic: string | null;
}

/** What is known of a mail before it is sent. */
export type KnownMail =
  | { readonly kind: 'unsent' }
  /** By an attempt of before, or by a delivery of this one whose worker died. */
  | { readonly kind: 'sent' }
  /** It was handed over, or was about to be, and nobody knows what came of it; nor has a person said since. */
  | { readonly kind: 'interrupted' }
  /** The recipient gets none: why, until when. */
  | {
      readonly kind: 'suppressed';
      readonly suppressionId: string;
      readonly reason: string;
      readonly expiresAt: string | null;
    };

/** How it went, in one word, with what the server said. */
export interface MailResult {
  readonly kind: 'sent' | 'deferred' | 'refused' | 'unsent' | 'unknown' | 'suppressed';
  /** A code; null for what went well. */
  readonly reason: string | null;
  readonly replyCode: number | null;
  /** RFC 3463. */
  readonly status: string | null;
  readonly text: string | null;
}

/**
 * What is written down of each mail, so that none is sent twice and what comes back is known. Rejects with an error of kind
 * `unavailable` alone.
 */
export interface MailRecords {
  look(mail: RecordedMail): Promise<KnownMail>;
  /** From now on it counts as handed over. Tries until it is stored; rejects when `signal` aborts. */
  begin(mail: RecordedMail, signal: AbortSignalLike): Promise<void>;
  /** Tries until it is stored: what is known must not be forgotten. Gives up soon after `signal` aborts. */
  end(mail: RecordedMail, result: MailResult, signal: AbortSignalLike): Promise<void>;
  /** An address for the envelope by which what comes back is known; undefined where no mail comes in. */
  returnPathOf(mail: RecordedMail): string | undefined;
  /** Where one POST unsubscribes. */
  unsubscribeUrlOf(mail: RecordedMail): string;
}
