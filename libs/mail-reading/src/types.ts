export interface MailAddress {
  /** As written, e.g. `ada@example.com`; not checked. */
  readonly address: string;
  readonly name?: string;
}

/** One header line, unfolded; encoded words (RFC 2047) are left as they came. */
export interface MailHeader {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
}

export interface MailAttachment {
  /** Leads to no other folder and holds nothing that does not show; absent when the part has no usable name. */
  readonly name?: string;
  /** In lower case, e.g. `application/pdf`; as the sender says, so not to be trusted. */
  readonly mediaType: string;
  readonly bytes: number;
  /** Of `content`, in hex. */
  readonly sha256: string;
  readonly content: Uint8Array;
  /** Without its angle brackets; `cid:` URLs in `html` name it. */
  readonly contentId?: string;
  /** Part of the body, such as an image in it. */
  readonly isInline: boolean;
}

/** What the headers of an attached message say. Its body is the content of the attachment. */
export interface NestedMail {
  /** Place of the message among `attachments`. */
  readonly attachment: number;
  readonly subject: string;
  readonly messageId?: string;
  readonly from?: MailAddress;
  readonly to: readonly MailAddress[];
  readonly date?: string;
}

/** A part that is text: what tells a bounce or a complaint from a letter. */
export interface MailPart {
  /** In lower case: `text/…`, or `message/…` such as `message/delivery-status`. */
  readonly mediaType: string;
  readonly text: string;
}

/** A message as it could be read. Texts hold no NUL, which neither JSON columns nor people can do anything with. */
export interface ReadMail {
  /** With its angle brackets. */
  readonly messageId?: string;
  /** Empty when there is none. */
  readonly subject: string;
  readonly from?: MailAddress;
  readonly sender?: MailAddress;
  readonly replyTo: readonly MailAddress[];
  readonly to: readonly MailAddress[];
  readonly cc: readonly MailAddress[];
  /** ISO 8601, UTC; absent when it could not be read. As the sender says. */
  readonly date?: string;
  readonly inReplyTo?: string;
  readonly references: readonly string[];
  /** All of them, in order. */
  readonly headers: readonly MailHeader[];
  /** Of the text parts, else made from `html`. */
  readonly text: string;
  /** As it came: not safe to show. */
  readonly html: string | null;
  readonly attachments: readonly MailAttachment[];
  readonly nested: readonly NestedMail[];
  readonly parts: readonly MailPart[];
  /** A program sent it of itself (RFC 3834): never answer it. */
  readonly isAutoSubmitted: boolean;
  /** What was wrong or left out, and where. */
  readonly warnings: readonly string[];
}
