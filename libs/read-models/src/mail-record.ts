import type { MailEntry, MailRecipient } from '#libs/mail-ledger';

/** What sending came to; what the mail met with later stands beside it. */
export const MAIL_STATUSES = ['sending', 'sent', 'deferred', 'refused', 'unsent', 'unknown', 'suppressed'] as const;
export type MailStatus = (typeof MAIL_STATUSES)[number];

/** What can happen to a mail that was sent. */
export const MAIL_AFTERMATHS = ['bounced', 'complained', 'unsubscribed'] as const;
export type MailAftermath = (typeof MAIL_AFTERMATHS)[number];

/** How a server returned it; of several notices, what the last one said. */
export interface MailBounce {
  readonly at: string;
  /** `hard`, `soft`, `mailboxFull` or `policy`. */
  readonly kind: string | null;
  readonly replyCode: number | null;
  /** RFC 3463. */
  readonly enhancedStatus: string | null;
  readonly text: string | null;
}

/** One mail to one of its recipients. */
export interface MailRecord extends MailRecipient {
  readonly status: MailStatus;
  /** The last attempt of the node that was about it. */
  readonly attempts: number;
  /** A code: why it has this status; null for what went well. */
  readonly reason: string | null;
  readonly replyCode: number | null;
  readonly enhancedStatus: string | null;
  /** What the server said. */
  readonly text: string | null;
  readonly bounce: MailBounce | null;
  readonly complainedAt: string | null;
  readonly unsubscribedAt: string | null;
  /** When it was first told of. */
  readonly createdAt: string;
  /** When it was told of last. */
  readonly updatedAt: string;
}

const AFTERMATHS: Readonly<Record<MailAftermath, (before: MailRecord, entry: MailEntry) => Partial<MailRecord>>> = {
  bounced: (_, { at, reason: kind, replyCode, status: enhancedStatus, text }) => ({
    bounce: { at, kind, replyCode, enhancedStatus, text },
  }),
  complained: ({ complainedAt }, { at }) => ({ complainedAt: complainedAt ?? at }),
  unsubscribed: ({ unsubscribedAt }, { at }) => ({ unsubscribedAt: unsubscribedAt ?? at }),
};

/**
 * What an entry makes of what was known. What came later says nothing of a mail that nothing is known of: undefined then. The
 * same entry again changes nothing.
 */
export function projectMail(before: MailRecord | undefined, entry: MailEntry): MailRecord | undefined {
  const { kind, at } = entry;
  if (!isAftermath(kind)) return handedOver(before ?? newMail(entry, kind), entry, kind);
  return before && { ...before, ...latest(before, at), ...AFTERMATHS[kind](before, entry) };
}

export function isAftermath(kind: MailStatus | MailAftermath | undefined): kind is MailAftermath {
  return MAIL_AFTERMATHS.some((aftermath) => aftermath === kind);
}

function handedOver(before: MailRecord, entry: MailEntry, status: MailStatus): MailRecord {
  const { at, attempt, reason, replyCode, status: enhancedStatus, text } = entry;
  const attempts = Math.max(before.attempts, attempt);
  return { ...before, ...latest(before, at), attempts, status, reason, replyCode, enhancedStatus, text };
}

function newMail(entry: MailEntry, status: MailStatus): MailRecord {
  const { mailKey, workspaceId, executionId, nodeId, credentialId, address, topic, at } = entry;
  return {
    ...{ mailKey, workspaceId, executionId, nodeId, credentialId, address, topic },
    ...{ status, attempts: 0, reason: null, replyCode: null, enhancedStatus: null, text: null },
    ...{ bounce: null, complainedAt: null, unsubscribedAt: null, createdAt: at, updatedAt: at },
  };
}

/** Clocks of processes differ; the order of entries is that of the stream. */
function latest({ updatedAt }: MailRecord, at: string): Pick<MailRecord, 'updatedAt'> {
  return { updatedAt: at > updatedAt ? at : updatedAt };
}
