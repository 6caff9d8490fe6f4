export {
  FAILURE_REASONS,
  type BounceReport,
  type FailedRecipient,
  type FailureKind,
  type FailureReason,
} from './bounce-report.ts';
export { classifyReturnedMail } from './classify.ts';
export { classifyProviderNotice } from './provider-notice.ts';
export { MAIL_LIMITS, type MailHeader, type MailPart, type ReturnedMail } from './returned-mail.ts';
