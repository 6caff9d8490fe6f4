export const MAIL_READER = Symbol('MailReader');
