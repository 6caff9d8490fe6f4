import { createHash } from 'node:crypto';
import type { Attachment, Email } from 'postal-mime';
import { MAIL_LIMITS } from './limits.ts';
import { withoutNul } from './plain-text.ts';
import type { MailAttachment } from './types.ts';
import type { Warnings } from './warnings.ts';

/** Names are as the sender wrote them: the caller makes them safe. */
export function attachmentsOf({ attachments }: Email, warnings: Warnings): MailAttachment[] {
  if (attachments.length > MAIL_LIMITS.attachments) {
    warnings.add(`${attachments.length} attachments: those after ${MAIL_LIMITS.attachments} are left out`);
  }
  return attachments.slice(0, MAIL_LIMITS.attachments).map(attachmentOf);
}

function attachmentOf(attachment: Attachment): MailAttachment {
  const content = bytesOf(attachment);
  const contentId = withoutNul(attachment.contentId ?? '').replace(/^\s*<|>\s*$/g, '');
  return {
    ...(attachment.filename === null ? {} : { name: attachment.filename }),
    mediaType: withoutNul(attachment.mimeType),
    bytes: content.byteLength,
    sha256: createHash('sha256').update(content).digest('hex'),
    content,
    ...(contentId === '' ? {} : { contentId }),
    isInline: attachment.disposition === 'inline' || attachment.related === true,
  };
}

function bytesOf({ content }: Attachment): Uint8Array {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  return content instanceof Uint8Array ? content : new Uint8Array(content);
}
