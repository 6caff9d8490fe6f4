export { isMessageId, MAIL_LIMITS } from './check-mail.ts';
export {
  OutboundMailError,
  type MailPhase,
  type OutboundMailErrorCode,
  type OutboundMailErrorOptions,
  type ServerReply,
} from './errors.ts';
export { createOutboundMail, OUTBOUND_MAIL_DEFAULTS, type OutboundMailOptions } from './outbound-mail.ts';
export type { Timeouts } from './connect.ts';
export type {
  Attachment,
  CheckedServer,
  DkimKey,
  Envelope,
  Held,
  Mail,
  Mailbox,
  MailServer,
  OutboundMail,
  RecipientOutcome,
  SendOptions,
  SentMail,
} from './types.ts';
