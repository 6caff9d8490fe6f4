import type { JsonObject } from '#libs/kernel';
import type { MailAddress, MailAttachment, MailAuthentication, ReadMail } from '#libs/mail-reading';

/** How a message came. */
export interface MailArrival {
  /** As SMTP has it; `to`: those of this workflow. Null for a message in a mailbox, whose server alone knows. */
  readonly envelope: { readonly from: string; readonly to: readonly string[] } | null;
  /** Null for the same reason. */
  readonly authentication: MailAuthentication | null;
  readonly receivedAt: string;
}

/** What `trigger.email` gives: the message as `body`, its attachments by their SHA-256. */
export function mailOutputOf(mail: ReadMail, { envelope, authentication, receivedAt }: MailArrival): JsonObject {
  return {
    body: bodyOf(mail),
    envelope: envelope && { from: envelope.from, to: [...envelope.to] },
    authentication: authentication && authenticationOf(authentication),
    receivedAt,
  };
}

function authenticationOf({ spf, dkim, dmarc }: MailAuthentication): JsonObject {
  return { spf: { ...spf }, dkim: dkim.map((one) => ({ ...one })), dmarc: { ...dmarc } };
}

function bodyOf(mail: ReadMail): JsonObject {
  const { subject, text, html, isAutoSubmitted } = mail;
  return {
    messageId: mail.messageId ?? null,
    subject,
    from: mail.from ? addressOf(mail.from) : null,
    ...(mail.sender ? { sender: addressOf(mail.sender) } : {}),
    replyTo: mail.replyTo.map(addressOf),
    to: mail.to.map(addressOf),
    cc: mail.cc.map(addressOf),
    date: mail.date ?? null,
    inReplyTo: mail.inReplyTo ?? null,
    references: [...mail.references],
    text,
    html,
    headers: headersOf(mail),
    attachments: mail.attachments.map(attachmentOf),
    nested: mail.nested.map((nested) => ({
      attachment: nested.attachment,
      subject: nested.subject,
      messageId: nested.messageId ?? null,
      from: nested.from ? addressOf(nested.from) : null,
      to: nested.to.map(addressOf),
      date: nested.date ?? null,
    })),
    isAutoSubmitted,
    warnings: [...mail.warnings],
  };
}

function addressOf({ address, name }: MailAddress): JsonObject {
  return name === undefined ? { address } : { address, name };
}

/** By name, each with all its values: many headers stand in a message more than once. */
function headersOf({ headers }: ReadMail): JsonObject {
  const byName = Object.create(null) as Record<string, string[]>;
  for (const { name, value } of headers) (byName[name] ??= []).push(value);
  return byName;
}

function attachmentOf({ name, mediaType, bytes, sha256, contentId, isInline }: MailAttachment): JsonObject {
  return {
    ...(name === undefined ? {} : { name }),
    mediaType,
    bytes,
    sha256,
    ...(contentId === undefined ? {} : { contentId }),
    isInline,
  };
}
