export {
  authenticateMail,
  type AuthenticateOptions,
  type AuthenticationResult,
  type MailAuthentication,
  type MailOrigin,
} from './authenticate-mail.ts';
export { cachedDns, type CachedDnsOptions } from './cached-dns.ts';
export type { DnsResolver } from './dns-deadline.ts';
export { MailReaderError, type MailReaderErrorCode } from './errors.ts';
export { MAIL_LIMITS } from './limits.ts';
export { createMailReader, type MailReader, type MailReaderOptions } from './mail-reader.ts';
export { readMail } from './read-mail.ts';
export type { MailAddress, MailAttachment, MailHeader, MailPart, NestedMail, ReadMail } from './types.ts';
