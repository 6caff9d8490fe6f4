/** A mail that came in, parsed: what a bounce, a complaint or an answer is told from. */
export interface ReturnedMail {
  /** In their order; names in lower case, values unfolded and with encoded words decoded. */
  readonly headers: readonly MailHeader[];
  /** The readable body; empty when there is none. */
  readonly text: string;
  /** All leaf parts in their order, those of reports and the returned message (as text, not parsed) among them. */
  readonly parts: readonly MailPart[];
  /** The sender that the SMTP session named; empty for the null sender that notices come from. */
  readonly envelopeFrom: string;
  /** The address that this mail can only be about, when the address it came to says so (VERP). */
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
  diagnosticChars: 500,
  addressChars: 320,
} as const;

/** The same mail, cut to the limits. */
export function boundMail(mail: ReturnedMail): ReturnedMail {
  const headers = mail.headers
    .slice(0, MAIL_LIMITS.headers)
    .map(({ name, value }) => ({ name: name.toLowerCase(), value: value.slice(0, MAIL_LIMITS.headerChars) }));
  const parts = mail.parts
    .slice(0, MAIL_LIMITS.parts)
    .map(({ mediaType, text }) => ({ mediaType: mediaType.toLowerCase(), text: text.slice(0, MAIL_LIMITS.textChars) }));
  return { ...mail, headers, parts, text: mail.text.slice(0, MAIL_LIMITS.textChars) };
}

/** The value of the first header of that name; empty when there is none. */
export function headerOf(mail: ReturnedMail, name: string): string {
  return mail.headers.find((header) => header.name === name)?.value ?? '';
}

export function partsOf(mail: ReturnedMail, mediaType: string): readonly MailPart[] {
  return mail.parts.filter((part) => part.mediaType === mediaType);
}
