export { AttemptMails, type AttemptMailsParts } from './attempt-mails.ts';
export { MAIL_STREAM, mailStream } from './layout.ts';
export {
  decodeMailEntry,
  encodeMailEntry,
  type MailEntry,
  type MailEntryKind,
  type MailRecipient,
} from './mail-entry.ts';
export { mailKeyOf } from './mail-key.ts';
export { MailLedger } from './mail-ledger.ts';
export { MailLinks } from './mail-links.ts';
