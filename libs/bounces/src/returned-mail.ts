/** A mail that came in, parsed, such as `readMail` of `#libs/mail-reading` gives it: what a bounce is told from. */
export interface ReturnedMail {
  /** With encoded words decoded. */
  readonly subject: string;
  /** In their order, values unfolded. */
  readonly headers: readonly MailHeader[];
  /** The readable body; empty when there is none. */
  readonly text: string;
  /** All parts that are text in their order, those of reports and the returned message (not parsed) among them. */
  readonly parts: readonly MailPart[];
  /** The sender that the SMTP session named; empty for the null sender that notices come from. By default as in `Return-Path`. */
  readonly envelopeFrom?: string;
  /**
   * The address that this mail can only be about, when the address it came to says so (VERP). The report then is of it alone;
   * a recipient with another address means that the mail doesn't tell which of several it was.
   */
  readonly recipientHint?: string;
}

export interface MailHeader {
  readonly name: string;
  readonly value: string;
}

export interface MailPart {
  /** In lower case, without parameters. */
  readonly mediaType: string;
  readonly text: string;
}

/** What is looked at of one mail; the rest of a larger one is as if it were not there. */
export const MAIL_LIMITS = {
  headers: 500,
  headerChars: 2_000,
  /** Of the body, and of each part. */
  textChars: 65_536,
  parts: 50,
  recipients: 200,
  /** Of what is held against the rules, for one recipient. */
  ruledChars: 16_384,
  /** Of the text about one of several recipients. */
  passageChars: 4_096,
  diagnosticChars: 500,
  addressChars: 320,
} as const;

/** Parts that hold fields for programs. `global` ones have addresses in UTF-8 (RFC 6533). */
export const STATUS_TYPES: readonly string[] = ['message/delivery-status', 'message/global-delivery-status'];
export const REPORT_TYPES: readonly string[] = [
  ...STATUS_TYPES,
  'message/feedback-report',
  'message/disposition-notification',
  'message/global-disposition-notification',
];

/** The same mail, cut to the limits. */
export function boundMail(mail: ReturnedMail): ReturnedMail {
  const headers = mail.headers
    .slice(0, MAIL_LIMITS.headers)
    .map(({ name, value }) => ({ name: name.toLowerCase(), value: value.slice(0, MAIL_LIMITS.headerChars) }));
  const parts = mail.parts
    .slice(0, MAIL_LIMITS.parts)
    .map(({ mediaType, text }) => ({ mediaType: mediaType.toLowerCase(), text: text.slice(0, MAIL_LIMITS.textChars) }));
  const { headerChars, textChars } = MAIL_LIMITS;
  return { ...mail, headers, parts, text: mail.text.slice(0, textChars), subject: mail.subject.slice(0, headerChars) };
}

/** The value of the first header of that name; empty when there is none. */
export function headerOf(mail: ReturnedMail, name: string): string {
  return mail.headers.find((header) => header.name === name)?.value ?? '';
}

export function partsOf(mail: ReturnedMail, mediaType: string): readonly MailPart[] {
  return mail.parts.filter((part) => part.mediaType === mediaType);
}

/** True of the null sender, which notices come from and people don't; some hosts put a name in its place. */
export function isFromNobody(mail: ReturnedMail): boolean {
  const sender = mail.envelopeFrom ?? mail.headers.find(({ name }) => name === 'return-path')?.value;
  return sender !== undefined && /^<?(?:mailer-daemon(?:@[^<>]{0,255})?)?>?$/i.test(sender.trim());
}
