import type { FailureClass, FailureReason } from './bounce-report.ts';

const CLASS_OF: Readonly<Record<FailureReason, FailureClass>> = {
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

export function classOf(reason: FailureReason, isTemporary: boolean): FailureClass {
  const usual = CLASS_OF[reason];
  return usual === 'hard' && isTemporary ? 'soft' : usual;
}
