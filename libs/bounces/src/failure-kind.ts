import type { FailureKind, FailureReason } from './bounce-report.ts';

const KIND_OF: Readonly<Record<FailureReason, FailureKind>> = {
  userUnknown: 'hard',
  hostUnknown: 'hard',
  hasMoved: 'hard',
  notAccepted: 'hard',
  // RFC 3463 on 5.2.1: permanent only if the mailbox is never enabled again, which nobody says; rules that hear it say so.
  suspended: 'soft',
  mailboxFull: 'mailboxFull',
  messageTooBig: 'policy',
  contentRejected: 'policy',
  spamDetected: 'policy',
  virusDetected: 'policy',
  blocked: 'policy',
  senderRejected: 'policy',
  authFailure: 'policy',
  recipientFilter: 'policy',
  policyRefused: 'policy',
  relayDenied: 'soft',
  securityError: 'policy',
  rateLimited: 'soft',
  networkError: 'soft',
  expired: 'soft',
  systemError: 'soft',
  complaint: 'complaint',
  undetermined: 'soft',
};

export function kindOf(reason: FailureReason, isTemporary: boolean): FailureKind {
  const usual = KIND_OF[reason];
  return usual === 'hard' && isTemporary ? 'soft' : usual;
}
